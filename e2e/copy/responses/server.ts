/** A server that thinks: each request is answered after 0 to 50 ms, at once or in two pieces. It plays in a node. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [port = '0', request_bytes = '0', answer_bytes = '0'] = process.argv.slice(2);
const THINKS_MAX_MS = 50;
const PAUSE_MAX_MS = 5;

const piece = Buffer.alloc(Number(answer_bytes) / 2, '.');

createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  let read_bytes = 0;
  socket.on('data', (chunk) => {
    read_bytes += chunk.length;
    for (; read_bytes >= Number(request_bytes); read_bytes -= Number(request_bytes)) void answer();
  });
  const answer = async (): Promise<void> => {
    await sleep(Math.random() * THINKS_MAX_MS);
    const isWhole = Math.random() < 0.5;
    socket.write(isWhole ? Buffer.concat([piece, piece]) : piece);
    if (isWhole) return;
    await sleep(1 + Math.random() * PAUSE_MAX_MS);
    socket.write(piece);
  };
}).listen(Number(port), '0.0.0.0', () => process.stderr.write('ready\n'));

/** Clients that keep their connections, and ask at a steady rate all together. They play in a node, and say how many requests they made. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [host = '', port = '', connections = '0', every_ms = '0', for_ms = '0', request = '0', answer = '0'] =
  process.argv.slice(2);
const words = Buffer.alloc(Number(request), '?');
const begun_ms = performance.now();
let asked = 0;

async function converse(index: number): Promise<void> {
  const socket = connect({ host, port: Number(port), noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  let due_ms = performance.now() + (index / Number(connections)) * Number(every_ms);
  while (performance.now() - begun_ms < Number(for_ms)) {
    await sleep(Math.max(0, due_ms - performance.now()));
    due_ms = Math.max(performance.now(), due_ms + Number(every_ms) * (0.5 + Math.random()));
    asked += 1;
    socket.write(words);
    for (let read_bytes = 0; read_bytes < Number(answer);)
      read_bytes += await new Promise<number>((resolve) =>
        socket.once('data', ({ length }) => resolve(length)),
      );
  }
  // One that is timed needs one behind it.
  await sleep(1000);
  socket.destroy();
}

await Promise.all(Array.from({ length: Number(connections) }, (_, index) => converse(index)));
process.stdout.write(`${asked}\n`);

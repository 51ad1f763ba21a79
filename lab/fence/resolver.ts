/** Answers names on the loopback, by UDP and by TCP. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { answerTo, questionIn } from './dns';
import type { Names } from './names';
import { FENCE_PORT, PROBE_SUFFIX } from './place';

const LOOPBACK = '127.0.0.1';
/** Over TCP a message has its length in front of it (RFC 1035, section 4.2.2). */
const LENGTH_BYTES = 2;

/** Resolves when it listens. @param onAsked is told of every name of somebody outside */
export async function answerNames(names: Names, onAsked: (name: string) => void): Promise<void> {
  const replyTo = (message: Buffer): Buffer | undefined => {
    const question = questionIn(message);
    if (!question) return undefined;
    if (!names.isInside(question) && !question.name.endsWith(PROBE_SUFFIX)) onAsked(question.name);
    return answerTo(message, names.answer(question));
  };
  const datagrams = createSocket('udp4');
  datagrams.on('message', (message, { address, port }) => {
    const reply = replyTo(message);
    // Who asked may be gone.
    if (reply) datagrams.send(reply, port, address, () => undefined);
  });
  datagrams.bind(FENCE_PORT, LOOPBACK);
  const streams = createServer((socket) => answerStream(socket, replyTo));
  streams.listen(FENCE_PORT, LOOPBACK);
  await Promise.all([once(datagrams, 'listening'), once(streams, 'listening')]);
}

function answerStream(socket: Socket, replyTo: (message: Buffer) => Buffer | undefined): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt16BE(0);
      if (rest.length < end) return;
      const reply = replyTo(rest.subarray(LENGTH_BYTES, end));
      rest = rest.subarray(end);
      if (!reply) {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(reply.length, 0);
      socket.write(Buffer.concat([length, reply]));
    }
  });
}

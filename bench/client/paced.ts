/**
 * Requests at a fixed rate, spread over connections in turn; a connection that still waits for an answer is left out.
 * Answers are only counted, for the less this takes of the machine, the less it measures itself.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, get, together, type Place } from './connection';
import type { PacedTask } from './task';

export async function paced(task: PacedTask & Place & { readonly tag: string }): Promise<number> {
  const answer_bytes = await answerBytes(task);
  const connections = await together(task.connections, () => Connection.open(task));
  const free: Socket[] = [];
  for (const { socket } of connections) {
    let received_bytes = 0;
    socket.removeAllListeners('data').on('data', ({ length }) => {
      received_bytes += length;
      if (received_bytes % answer_bytes === 0) free.push(socket);
    });
    free.push(socket);
  }
  const planned = Math.round((task.rate * task.duration_ms) / 1000);
  const began_ms = performance.now();
  const elapsed_ms = (): number => performance.now() - began_ms;
  let sent = 0;
  while (sent < planned && elapsed_ms() < task.duration_ms) {
    const due = Math.min(planned, Math.ceil((elapsed_ms() * task.rate) / 1000));
    for (; sent < due && free.length > 0; sent += 1) free.shift()!.write(get(target(task.tag, sent)));
    await sleep(1);
  }
  while (free.length < connections.length) await sleep(1);
  await Promise.all(connections.map((connection) => connection.close()));
  return sent;
}

/** All targets are as long as any other, and so are all answers. */
const target = (tag: string, number: number): string => `/${tag}/${String(number).padStart(7, '0')}`;

async function answerBytes({ tag, ...place }: Place & { readonly tag: string }): Promise<number> {
  const connection = await Connection.open(place);
  await connection.ask(get(target(tag, 0)));
  const { bytesRead } = connection.socket;
  await connection.close();
  return bytesRead;
}

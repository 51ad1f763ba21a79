/**
 * Requests at a fixed rate, spread over connections in turn; a connection that still waits for an answer is left out.
 * Answers are only counted, for the less this takes of the machine, the less it measures itself.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { latencyOf, type Latency } from '../figures/latency';
import { Connection, get, together, type Place } from './connection';
import { passGate } from './gate';
import type { PacedTask } from './task';

export interface PacedReport {
  readonly requests: number;
  readonly latency: Latency;
}

export async function paced(task: PacedTask & Place & { readonly tag: string }): Promise<PacedReport> {
  const answer_bytes = await answerBytes(task);
  const connections = await openAll(task);
  const free: Socket[] = [];
  const sentAt_ms = new Map<Socket, number>();
  const latencies_ms: number[] = [];
  for (const { socket } of connections) {
    let received_bytes = 0;
    socket.removeAllListeners('data').on('data', ({ length }) => {
      received_bytes += length;
      if (received_bytes % answer_bytes !== 0) return;
      latencies_ms.push(performance.now() - sentAt_ms.get(socket)!);
      free.push(socket);
    });
    free.push(socket);
  }
  await passGate(task.gateFile);
  const planned = Math.round((task.rate * task.duration_ms) / 1000);
  const began_ms = performance.now();
  const elapsed_ms = (): number => performance.now() - began_ms;
  let sent = 0;
  while (sent < planned && elapsed_ms() < task.duration_ms) {
    const due = Math.min(planned, Math.ceil((elapsed_ms() * task.rate) / 1000));
    for (; sent < due && free.length > 0; sent += 1) {
      const socket = free.shift()!;
      sentAt_ms.set(socket, performance.now());
      socket.write(get(target(task.tag, sent)));
    }
    await sleep(1);
  }
  while (free.length < connections.length) await sleep(1);
  await passGate(task.gateFile);
  await Promise.all(connections.map((connection) => connection.close()));
  return { requests: sent, latency: latencyOf(latencies_ms) };
}

/** A server's queue of connections that wait to be accepted is short. */
const OPENED_AT_ONCE = 500;

async function openAll(task: PacedTask & Place): Promise<Connection[]> {
  const connections: Connection[] = [];
  while (connections.length < task.connections) {
    const next = Math.min(OPENED_AT_ONCE, task.connections - connections.length);
    connections.push(...(await together(next, () => Connection.open(task))));
  }
  return connections;
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

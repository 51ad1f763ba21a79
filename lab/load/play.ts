/** Plays a schedule against a server, as clients do: several connections at a time, one request after the other. */
import { connect, type Socket } from 'node:net';
import { httpAnswer } from './http';
import type { LoadProfile } from './profile';
import { redisReply } from './redis';
import { schedule, type ScheduledConnection } from './schedule';

export interface LoadSummary {
  readonly connections: number;
  readonly sent: number;
  readonly answered: number;
  /** What went wrong, one sentence a connection. */
  readonly failed: readonly string[];
  readonly duration_ms: number;
  readonly latencyMedian_ms: number;
  readonly latency99_ms: number;
}

/** A connection that takes longer has failed. */
const CONNECTION_MAX_MS = 30_000;
/** Between the fragments of one request. */
const FRAGMENT_PAUSE_MS = 2;

/** @param progress told how many requests were answered, after each connection */
export async function play(
  profile: LoadProfile,
  host: string,
  port: number,
  progress: (answered: number) => void,
): Promise<LoadSummary> {
  const started_ms = performance.now();
  const tally = {
    connections: 0,
    sent: 0,
    answered: 0,
    failed: [] as string[],
    latencies_ms: [] as number[],
  };
  const todo = schedule(profile);
  const worker = async (): Promise<void> => {
    for (let next = todo.next(); !next.done; next = todo.next()) {
      tally.connections += 1;
      try {
        await playConnection(profile, next.value, host, port, tally);
      } catch (error) {
        tally.failed.push(`connection ${next.value.id}: ${(error as Error).message}`);
      }
      progress(tally.answered);
    }
  };
  await Promise.all(Array.from({ length: profile.concurrency }, worker));
  const { latencies_ms, ...counts } = tally;
  latencies_ms.sort((a, b) => a - b);
  return {
    ...counts,
    duration_ms: performance.now() - started_ms,
    latencyMedian_ms: latencies_ms[Math.floor(latencies_ms.length * 0.5)] ?? 0,
    latency99_ms: latencies_ms[Math.floor(latencies_ms.length * 0.99)] ?? 0,
  };
}

async function playConnection(
  { protocol }: LoadProfile,
  { requests, closedBy }: ScheduledConnection,
  host: string,
  port: number,
  tally: { sent: number; answered: number; latencies_ms: number[] },
): Promise<void> {
  const socket = connect({ host, port, noDelay: true });
  socket.setTimeout(CONNECTION_MAX_MS, () => socket.destroy(new Error('the server did not answer in time')));
  const reader = new AnswerReader(socket, protocol);
  try {
    await opened(socket);
    for (const { bytes, writes } of requests) {
      const sentAt_ms = performance.now();
      await write(socket, bytes, writes);
      tally.sent += 1;
      await reader.next();
      tally.answered += 1;
      tally.latencies_ms.push(performance.now() - sentAt_ms);
    }
    if (closedBy === 'server') await reader.ended;
  } finally {
    socket.end();
  }
  await reader.ended;
}

function opened(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
}

async function write(socket: Socket, bytes: Uint8Array, writes: readonly number[]): Promise<void> {
  let at = 0;
  for (const length of writes) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, FRAGMENT_PAUSE_MS));
    socket.write(bytes.subarray(at, at + length));
    at += length;
  }
}

/** Cuts what the server sends into answers. */
class AnswerReader {
  readonly ended: Promise<void>;
  #bytes = Buffer.alloc(0);
  #answers = 0;
  #waiting: { resolve(): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;

  constructor(
    socket: Socket,
    private readonly protocol: LoadProfile['protocol'],
  ) {
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      try {
        while (this.#take());
      } catch (error) {
        this.#fail(error as Error);
      }
      this.#serve();
    });
    this.ended = new Promise((resolve) => {
      socket.once('error', (error) => {
        this.#fail(error);
        resolve();
      });
      socket.once('close', () => {
        this.#fail(new Error('the server closed the connection too early'));
        resolve();
      });
    });
  }

  /** Resolves with the next answer; rejects when none will come. */
  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
      if (this.#failure) this.#fail(this.#failure);
    });
  }

  #take(): boolean {
    if (this.#bytes.length === 0) return false;
    const answer = this.protocol === 'http' ? httpAnswer(this.#bytes) : redisReply(this.#bytes);
    if (!answer) return false;
    if ('status' in answer && answer.status !== 200) throw new Error(`status ${answer.status}`);
    if ('error' in answer && answer.error) throw new Error(this.#bytes.subarray(0, 80).toString('latin1'));
    this.#bytes = this.#bytes.subarray(answer.length);
    this.#answers += 1;
    return true;
  }

  #serve(): void {
    if (!this.#waiting || this.#answers === 0) return;
    this.#answers -= 1;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

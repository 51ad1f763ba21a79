/** What the client program can be asked to do, and what it tells afterwards. The task is its only argument, as JSON. */
import type { Latency } from '../figures/latency';

export type ClientTask = { readonly host: string; readonly port: number; readonly tag: string } & (
  | AskingTask
  | SayingTask
  | PipelinedTask
  | FragmentsTask
  | IdleTask
  | ResetTask
  | BusyTask
  | PacedTask
);

/** Requests one after the other, each when the one before is answered. */
export interface AskingTask {
  readonly kind: 'asking';
  readonly connections: number;
  /** Of each connection. */
  readonly requests: number;
}

/** Requests in a rhythm of their own, whatever is answered. */
export interface SayingTask {
  readonly kind: 'saying';
  readonly connections: number;
  /** Of each connection. */
  readonly requests: number;
  /** Behind each. */
  readonly pause_ms: number;
}

/** Requests of one connection, many in a write. */
export interface PipelinedTask {
  readonly kind: 'pipelined';
  readonly requests: number;
  readonly writes: number;
}

/** Requests that come in pieces. */
export interface FragmentsTask {
  readonly kind: 'fragments';
  readonly connections: number;
  /** Of each connection. */
  readonly requests: number;
  readonly fragments: number;
  readonly pause_ms: number;
}

/** Connections that say nothing for long, and then one request each. */
export interface IdleTask {
  readonly kind: 'idle';
  readonly connections: number;
  readonly idle_ms: number;
}

/** Connections whose client resets them in the middle of a request. */
export interface ResetTask {
  readonly kind: 'reset';
  readonly connections: number;
  /** Whole ones before. */
  readonly requests: number;
}

/** Connections that are busy but for short pauses, until a file appears. */
export interface BusyTask {
  readonly kind: 'busy';
  readonly connections: number;
  readonly burst_ms: number;
  readonly pause_ms: number;
  /** They end when it is there. */
  readonly endFile: string;
  /** They end after this long in any case. */
  readonly duration_ms_max: number;
}

/** So many requests a second, whatever becomes of them. */
export interface PacedTask {
  readonly kind: 'paced';
  readonly connections: number;
  readonly rate: number;
  readonly duration_ms: number;
  /** Put there when all connections are open, and again when all is answered; what follows waits until it is gone. */
  readonly gateFile?: string;
}

export interface ClientReport {
  /** Answered, whole; of a saying task, said. */
  readonly requests: number;
  readonly seconds: number;
  /** Of a paced task: from each request to its answer. */
  readonly latency?: Latency;
  /** Of a busy task: when each connection began to be idle, and the number of the burst that came next. */
  readonly pauses?: readonly Pause[];
}

export interface Pause {
  readonly connection: number;
  readonly nextBurst: number;
  /** Since the epoch. */
  readonly from_ms: number;
}

/** Where a busy task's request stands, for its target, and back. */
export const busyTarget = (tag: string, connection: number, burst: number, index: number): string =>
  `/${tag}/${connection}-${burst}-${index}`;

export function burstOf(target: string): { connection: number; burst: number } | undefined {
  const found = /\/(\d+)-(\d+)-\d+$/.exec(target);
  return found ? { connection: Number(found[1]), burst: Number(found[2]) } : undefined;
}

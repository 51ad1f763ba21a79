/** What a program's main thread and its workers say to each other: plain data, as worker_threads copies it. */
import type { Level } from '../process/log';
import type { Readings } from '../process/readings';

/** What a worker is started with. */
export interface WorkerWishes {
  /** By which name the program was called. */
  readonly program: string;
  /** Of the worker, from 0. */
  readonly index: number;
  readonly count: number;
}

/** What is asked of a worker; `take-over` puts in force what it has read for `reload`. */
export type Question = 'readings' | 'standing' | 'readiness' | 'reload' | 'take-over' | 'stop';

/** What a worker answers when it has stopped: it is asked no more. */
export interface LastWords {
  readonly readings: Readings;
  readonly report: unknown;
}

export type ToWorker =
  | { readonly kind: 'ask'; readonly question: Question; readonly number: number }
  /** What another worker tells all others. */
  | { readonly kind: 'others'; readonly words: unknown };

export type FromWorker =
  /** It works. */
  | { readonly kind: 'ready' }
  /** It could not work, or came to its end by an error. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'log'; readonly level: Level; readonly event: string; readonly fields: object }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly message: string }
  | { readonly kind: 'others'; readonly words: unknown }
  /** It came to its end by itself. @property report what is to be told with those of the others */
  | { readonly kind: 'ended'; readonly status: number; readonly report: unknown };

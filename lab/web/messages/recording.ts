/** Runs that were watched, as they are kept in a page of their own: to be seen again without a lab. */
import type { Exchange } from './frame';
import type { Message } from './message';
import type { RunBegun } from './run';

/** A request of the load, as its seed has it. */
export interface RecordedRequest {
  /** Tells it from all others. */
  readonly identity: string;
  readonly length_bytes: number;
}

export interface RecordedMessage {
  /** When it was told, in milliseconds since the epoch; see {@link Recording}. */
  readonly at_ms: number;
  readonly message: Message;
}

/** What a message tells may have happened before: then it says itself when. */
export interface Recording {
  readonly run: RunBegun;
  readonly messages: readonly RecordedMessage[];
  /** Some of the connections that were seen. */
  readonly exchanges: readonly Exchange[];
  readonly requests: readonly RecordedRequest[];
}

/** What a page of recordings holds. */
export interface Recordings {
  readonly format: 1;
  readonly recordings: readonly Recording[];
}

/** What a session asks of the engine that holds it. */
import type { AnsweringHost } from '../exchange/answering';
import type { Sender, SenderHost } from '../sending/sender';
import type { OutgoingSegment } from '../sending/segment';
import type { RequestCounter } from '../stream/client-stream';
import type { CounterName, GiveUpReason } from '../tables/counters';
import type { Reply } from '../../wire/reply';

export type Outcome = 'completed' | GiveUpReason;

/** Requests that were said and of which nobody can know whether they were carried out; stream offsets. */
export interface Doubtful {
  readonly count: number;
  readonly from: number;
  /** Behind the last byte that was captured of them. */
  readonly to: number;
}

/** @typeParam S the sessions that it holds */
export interface SessionHost<S extends Sender> extends SenderHost, RequestCounter, AnsweringHost {
  /** The engine's clock, which stands still during a call. */
  readonly now_ms: number;
  readonly idle_ms: number;
  /** No connection is gone on with in a new one. */
  readonly wholeConnectionsOnly: boolean;
  /** Words that have waited for longer are given up. */
  readonly lateMax_ms: number;
  /** What is doubtful is said again. */
  readonly repeatsDoubtful: boolean;
  /** For how long the guard has been suspended; 0 when it is not. */
  readonly suspended_ms: number;
  /** When the test server gave it, by the engine's clock; now, where that is not known. */
  givenAt_ms(reply: Reply): number;
  count(what: CounterName, by?: number): void;
  mustWait(session: S): boolean;
  transmit(session: S, segment: OutgoingSegment, again: boolean): void;
  /** The session holds so many bytes more (or fewer) than it last said. */
  holds(change_bytes: number): void;
  /** The session's `deadline_ms` changed. */
  schedule(session: S): void;
  /** Begins to linger behind an answer; when there are too many, `partAtOnce` is called on the one that does so longest. */
  lingers(session: S): void;
  doubtful(session: S, requests: Doubtful): void;
  finished(session: S, outcome: Outcome): void;
  /** A program of this machine holds the session's source endpoint: a reset could hit its connection. */
  isHeld(session: S): boolean;
  /** It cannot speak from its source endpoint, or not hear what is answered there: it tries another one, or ends. */
  unroutable(session: S): void;
}

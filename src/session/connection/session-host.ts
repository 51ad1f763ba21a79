/** What a session asks of the engine that holds it. */
import type { GiveUpReason } from '../tables/counters';
import type { Piece } from '../stream/outbox';
import type { Session } from './session';

export interface SynOptions {
  /** Bytes. */
  readonly maximumSegmentSize: number;
  readonly windowScale: number | undefined;
}

export type Outcome = 'completed' | GiveUpReason;

export interface OutgoingSegment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: Piece | undefined;
  readonly payloadStart: number;
  readonly payloadLength: number;
  /** On a SYN only. */
  readonly synOptions: SynOptions | undefined;
}

export interface SessionHost {
  /** The engine's clock, which stands still during a call. */
  readonly now_ms: number;
  /** Largest payload that the path takes at present. */
  readonly segmentMax_bytes: number;
  readonly idle_ms: number;
  readonly response_ms: number;
  readonly waitForAnswers: boolean;
  /** While the guard is suspended nothing may be transmitted; whoever asked is told when it may again. */
  mustWait(session: Session): boolean;
  /** For how long the guard has been suspended; 0 when it is not. */
  readonly suspended_ms: number;
  transmit(session: Session, segment: OutgoingSegment, again: boolean): void;
  countProbe(): void;
  countChallenge(): void;
  countUnanswered(): void;
  /** Words of the client wait for the answer before them. */
  countHeld(): void;
  /** A request was captured whole up to its first byte, or the first byte of one was sent for the first time. */
  countRequest(what: 'captured' | 'sent'): void;
  /** The session holds so many bytes more (or fewer) than it last said. */
  holds(change_bytes: number): void;
  /** The session's `deadline_ms` changed. */
  schedule(session: Session): void;
  finished(session: Session, outcome: Outcome): void;
  /** The session is over and was remembered long enough. */
  forget(session: Session): void;
  /** The test server's answers to this session will not be told: it tries another source endpoint, or ends. */
  unroutable(session: Session): void;
}

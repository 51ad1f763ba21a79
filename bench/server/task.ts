/** What the server program can be asked to be. The task is its only argument, as JSON. */

export interface ServerTask {
  readonly port: number;
  /** A request gets the one of its place in its connection; behind the last comes the first again. At least one. */
  readonly answers: readonly Answer[];
  /** What the server says without having been asked. */
  readonly push?: Push;
}

/** `none` leaves a request unanswered. */
export type Answer = 'none' | AnswerInPieces;

export interface AnswerInPieces {
  readonly body_bytes: number;
  /** Before it begins; default 0. */
  readonly after_ms?: number;
  /** Writes that it comes in; default 1. */
  readonly pieces?: number;
  /** Between them; default 0. */
  readonly pause_ms?: number;
}

export interface Push {
  readonly every_ms: number;
  readonly bytes: number;
}

/** Where it writes what came of requests, beside the log of the requests themselves: a word and a target a line. */
export const REMARKS_FILE = '/var/log/nginx/bench-remarks.log';

export type Remark =
  /** Its connection ended before its answer did. */
  | 'cut-off'
  /** Came before the one before it was answered. */
  | 'early';

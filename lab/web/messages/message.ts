/**
 * What a watch tells, one thing after the other. The page is a function of these messages and of nothing else, so that
 * messages which were kept can be shown again without a lab.
 */
import type { Exchange, ShownFrame, ShownLeak } from './frame';
import type { LessonMessage } from './lesson';
import type { Picture } from './picture';
import type { GuardChange, Reading } from './reading';
import type { RunMessage } from './run';

export type Message =
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'reading'; readonly reading: Reading }
  /** What tcpcopy has just said of it. */
  | { readonly kind: 'guard'; readonly change: GuardChange }
  | { readonly kind: 'frames'; readonly frames: readonly ShownFrame[] }
  /** Frames are drawn one by one, or only counted. */
  | { readonly kind: 'mode'; readonly mode: 'frames' | 'flows' }
  | { readonly kind: 'leaks'; readonly leaks: readonly ShownLeak[] }
  /** What cannot be seen, and why; or that it can be seen again. */
  | { readonly kind: 'blind'; readonly what: string; readonly why?: string }
  /** The lab is there no more. */
  | { readonly kind: 'gone' }
  | LessonMessage
  | RunMessage;

/** A request as the page asks for it. */
export interface RequestPosted extends RequestWanted {
  /** Whose clients: of the lab that the page is about, or of the lesson's. */
  readonly of: 'lab' | 'lesson';
}

export interface RequestWanted {
  readonly copy: string;
  /** Name of the client that sends it. */
  readonly client: string;
  readonly method: string;
  /** Begins with a slash. Of Redis, the command. */
  readonly target: string;
  readonly body: string;
}

/** What came of it. */
export interface RequestDone {
  readonly exchange: Exchange;
  /** What the client was told by the online server. */
  readonly answer: string;
}

/** A scenario as the page asks for it. */
export interface PlayWanted {
  readonly scenario: string;
  /** Of load and chance; any one where none is given. */
  readonly seed?: number;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

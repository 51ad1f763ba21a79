/** What intercept and the process that compares for it say to each other, as JSON; what is compared goes by a pipe. */

/** What is asked of it. */
export interface CompareOptions {
  /** Where responses that are compared are led to; undefined where they come by the pipe. */
  readonly queue: number | undefined;
  /** Rules and limits as they are written. */
  readonly ignore: readonly string[];
  readonly redact: readonly string[];
  readonly fail: readonly string[];
  /** Paths: .html, .json or .xml (JUnit). */
  readonly out: readonly string[];
  readonly every_s: number;
  /** Of answers that wait for their partner. */
  readonly memory_bytes: number;
}

/** First, to it. */
export interface ComparerWishes extends CompareOptions {
  /** intercept's clock less the monotonic clock of this machine. */
  readonly clock_ms: number;
}

export interface ComparerStatus {
  /** How it stands: what is noise is learned, so that these may become fewer. */
  readonly gauges: Readonly<Record<string, number>>;
  /** Limits that are passed, and how. */
  readonly crossed: readonly string[];
}

/** From it. */
export type ComparerSays =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unwritten'; readonly reason: string }
  | ({ readonly kind: 'status' } & ComparerStatus)
  /** With a few lines for people. */
  | ({ readonly kind: 'ended'; readonly summary: string } & ComparerStatus);

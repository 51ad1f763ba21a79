/** What one load came to. */

export interface Row {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  /** Requests that the online server got. */
  readonly online: number;
  readonly test: number;
  readonly missing: number;
  readonly doubled: number;
  /** As long as the client was at it. */
  readonly seconds: number;
  /** Requests a second, as the client saw them. */
  readonly rate: number;
  /** From the client's end until the test server had all. */
  readonly lag_ms: number;
  readonly exact: boolean;
  /** The C original's figures for the same load, where there are some. */
  readonly original: string | undefined;
  /** Sentences for a reader: what was measured besides, and examples of what is not exact. */
  readonly notes: readonly string[];
  /** By how much tcpcopy's counters grew. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What the benchmarks that compare candidates are asked for. */
export interface BenchOptions {
  /** Ids of what is to be measured; all when there are none. */
  readonly only: readonly string[];
  /** Ids of candidates; when there are none, those that the benchmark takes by itself. */
  readonly candidates: readonly string[];
  readonly builds: Builds;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** Directories with other builds of both programs. */
export interface Builds {
  /** Of the original, in 0.9/ and 1.x/. */
  readonly peer: string | undefined;
  /** Of ours, from an earlier commit. */
  readonly before: string | undefined;
}

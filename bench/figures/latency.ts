/** How long things took, in two numbers. */

export interface Latency {
  readonly median_ms: number;
  readonly p99_ms: number;
}

/** Not numbers when there are none. */
export function latencyOf(samples_ms: readonly number[]): Latency {
  const sorted = samples_ms.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { median_ms: at(0.5), p99_ms: at(0.99) };
}

/** How many times as much one thing takes as another, by measurements that were made in pairs. */

/** One of each, made next to each other in time. */
export type Pair = readonly [one: number, other: number];

export interface Ratio {
  /** Geometric mean of the pairs' ratios, one over other. */
  readonly ratio: number;
  /** Ends of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/**
 * By Student's t of the logarithms: a pair's two measurements share the machine's pace, which cancels out, and twice as
 * much weighs as half as much. Of fewer than two pairs nothing is known: not numbers.
 */
export function ratioOf(pairs: readonly Pair[]): Ratio {
  const logs = pairs.map(([one, other]) => Math.log(one / other));
  const count = logs.length;
  const mean = sum(logs) / count;
  const variance = sum(logs.map((log) => (log - mean) ** 2)) / (count - 1);
  const half = t95(count - 1) * Math.sqrt(variance / count);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half), pairs: count };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** 97.5 % quantiles of Student's t with 1, 2, 3 … degrees of freedom. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Beyond the table its last entry, which makes an interval wider than it need be, never narrower. */
const t95 = (freedom: number): number => T95[Math.min(freedom, T95.length) - 1] ?? NaN;

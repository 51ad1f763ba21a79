/** Rates with and without the copy, measured in turn. */

export interface RateComparison {
  /** Of the rate without the copy. */
  readonly share: number;
  /** Half a sentence for a reader. */
  readonly text: string;
}

/** By their medians: one slow turn on a busy machine decides nothing. */
export function compareRates(copied: readonly number[], uncopied: readonly number[]): RateComparison {
  const [inCopy, alone] = [medianOf(copied), medianOf(uncopied)];
  const share = inCopy / alone;
  const list = (rates: readonly number[]): string => rates.map((rate) => rate.toFixed(0)).join(', ');
  return {
    share,
    text: `rate with the copy / without: ${share.toFixed(2)} (${list(copied)} / ${list(uncopied)} a second)`,
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Not a number where there are none. */
export const medianOrNot = (values: readonly number[]): number =>
  values.length === 0 ? NaN : medianOf(values);

/** How far they are apart, highest less lowest, as a share of their median. */
export const spreadOf = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / Math.abs(medianOrNot(values));

/** One thing that was tried, as reports for CI servers name it: a copy that was verified, a round of a scenario. */

export interface CaseReport {
  /** What it is a case of, for example the topology. */
  readonly suite: string;
  readonly name: string;
  readonly verdict: 'pass' | 'fail';
  /** How long it took, if that was measured. */
  readonly duration_ms?: number;
  /** A line each; empty when it passed. */
  readonly reasons: readonly string[];
  /** What is worth a column in a table: the same names for all cases of a suite. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** The command that tries it again. */
  readonly repeat?: string;
}

/** In the order of the first case of each. */
export const suitesOf = (cases: readonly CaseReport[]) =>
  [...new Set(cases.map(({ suite }) => suite))].map((suite) => ({
    suite,
    cases: cases.filter((one) => one.suite === suite),
  }));

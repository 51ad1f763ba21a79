/** What came of one route: which of its differences are noise, which come of what requests carried, and which are the test server's own. */
import type { Difference } from '../compare/differences';
import type { RouteTally } from './comparison';
import { isNoise, placeOfSort, type Rate } from './noise';
import { routeText } from './route';
import { increase, type Example, type Signatures, type Tally } from './tally';
import type { Added, TimesReport } from './times';

export interface DifferenceReport {
  readonly place: string;
  readonly kind: Difference['kind'];
  /** Pairs in which it is. */
  readonly count: number;
  readonly examples: readonly Example[];
}

export interface NoiseReport {
  readonly place: string;
  /** Between the test server's answers and the online server's. */
  readonly seen: Rate;
  /** Between two answers of the same server. */
  readonly learned: Rate;
}

export interface RouteReport {
  readonly route: string;
  /** Exchanges of both sides that belong together. */
  readonly pairs: number;
  readonly differing: number;
  /** Among the differing: the test server gave no answer that is whole, and the online server did. */
  readonly unanswered: number;
  /** Not among the differing: the request carried what only the online server's answer contained, and most that do so differ here. */
  readonly carried: number;
  /** Where that had stood. */
  readonly carriedFrom: readonly { readonly place: string; readonly count: number }[];
  readonly carriedDifferences: readonly DifferenceReport[];
  /** One of both answers is not whole in the captures, or could not be looked into. */
  readonly unjudged: number;
  readonly differences: readonly DifferenceReport[];
  /** Pairs that differ by noise alone. */
  readonly onlyNoise: number;
  readonly noise: readonly NoiseReport[];
  /** Pairs of answers of the same server that noise was learned from. */
  readonly learnedFrom: number;
  readonly times: TimesReport | undefined;
}

/** What was learned of all routes together. */
export interface Learned {
  readonly of: number;
  readonly differs: ReadonlyMap<string, number>;
}

/** Headers are mostly the server's, and not the route's: where little was learned on a route, it is what is known of them. */
export function learnedEverywhere(tallies: readonly RouteTally[]): Learned {
  const differs = new Map<string, number>();
  for (const { tally } of tallies)
    for (const [sort, count] of tally.learned) if (isOfHeader(sort)) increase(differs, sort, count);
  return { of: tallies.reduce((sum, { tally }) => sum + tally.learnedPairs, 0), differs };
}

/** Pairs of answers of the same server: of more it would have been seen. */
const LITTLE = 50;

const isOfHeader = (sort: string): boolean => sort.startsWith('header:');

/** @param byCopy what a copy adds, on all routes together */
export function routeReport({ route, tally }: RouteTally, everywhere: Learned, byCopy: Added): RouteReport {
  const carrying = added([...tally.carried.values()]);
  const seen = countsOf(added([tally.signatures, carrying]));
  const learnedAt = (sort: string): Rate => {
    const differs = tally.learned.get(sort);
    if (differs !== undefined || !isOfHeader(sort) || tally.learnedPairs > LITTLE)
      return { differs: differs ?? 0, of: tally.learnedPairs };
    return { differs: everywhere.differs.get(sort) ?? 0, of: everywhere.of };
  };
  const rates = (sort: string): { seen: Rate; learned: Rate } => ({
    seen: { differs: seen.get(sort) ?? 0, of: tally.pairs },
    learned: learnedAt(sort),
  });
  const noisy = new Set(
    [...seen.keys()].filter((sort) => {
      const { seen: here, learned: there } = rates(sort);
      return isNoise(here, there);
    }),
  );
  const real = (signatures: Signatures): Signatures =>
    new Map([...signatures].filter(([signature]) => sortsIn(signature).some((sort) => !noisy.has(sort))));
  const carried = real(carrying);
  const isCause = total(carried) > tally.carriedSame + total(carrying) - total(carried);
  const own = isCause ? real(tally.signatures) : added([real(tally.signatures), carried]);
  const examples = (sort: string): readonly Example[] => [
    ...(tally.examples.get(sort) ?? []),
    ...(isCause ? [] : (tally.carriedExamples.get(sort) ?? [])),
  ];
  const reports = (
    signatures: Signatures,
    examplesOf: (sort: string) => readonly Example[],
  ): DifferenceReport[] =>
    [...countsOf(signatures)]
      .filter(([sort]) => !noisy.has(sort))
      .toSorted(([, a], [, b]) => b - a)
      .map(([sort, count]) => differenceReport(sort, count, examplesOf(sort)));
  const differences = reports(own, examples);
  return {
    route: routeText(route),
    pairs: tally.pairs,
    differing: total(own),
    unanswered: differences.filter(isUnanswered).reduce((sum, { count }) => sum + count, 0),
    carried: isCause ? total(carried) : 0,
    carriedFrom: isCause ? carriedFrom(tally, real) : [],
    carriedDifferences: isCause ? reports(carried, (sort) => tally.carriedExamples.get(sort) ?? []) : [],
    unjudged: tally.unjudged,
    differences,
    onlyNoise: total(tally.signatures) + total(carrying) - total(real(tally.signatures)) - total(carried),
    noise: [...noisy].map((sort): NoiseReport => ({ place: placeOfSort(sort), ...rates(sort) })),
    learnedFrom: tally.learnedPairs,
    times: tally.times.report({
      ...byCopy,
      reference: tally.referenceTimes?.isEnough ? tally.referenceTimes : byCopy.reference,
    }),
  };
}

const carriedFrom = (
  { carried }: Tally,
  real: (signatures: Signatures) => Signatures,
): RouteReport['carriedFrom'] =>
  [...carried]
    .map(([place, signatures]) => ({ place, count: total(real(signatures)) }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);

const isUnanswered = ({ place, kind }: DifferenceReport): boolean =>
  place === 'answer' && (kind === 'no answer' || kind === 'broke off' || kind === 'unreadable');

const differenceReport = (sort: string, count: number, examples: readonly Example[]): DifferenceReport => ({
  place: placeOfSort(sort),
  kind: examples[0]?.difference.kind ?? 'changed',
  count,
  examples: examples.slice(0, EXAMPLES_SHOWN),
});

const EXAMPLES_SHOWN = 3;

const sortsIn = (signature: string): string[] => signature.split('\n');

const total = (signatures: Signatures): number =>
  [...signatures.values()].reduce((sum, count) => sum + count, 0);

function added(all: readonly Signatures[]): Signatures {
  const sums = new Map<string, number>();
  for (const signatures of all) for (const [signature, count] of signatures) increase(sums, signature, count);
  return sums;
}

/** In how many pairs each sort is. */
function countsOf(signatures: Signatures): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [signature, count] of signatures)
    for (const sort of sortsIn(signature)) increase(counts, sort, count);
  return counts;
}

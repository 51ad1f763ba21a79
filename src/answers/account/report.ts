/** What came of a comparison, for people and programs. The names here are a contract: they are added to, never changed. */
import type { ConnectionCounts } from '../reading/connections';
import type { Comparison, RouteTally } from './comparison';
import { learnedEverywhere, routeReport, type RouteReport } from './route-report';
import type { Percentiles } from './durations';
import { PairedTimes, type Added } from './times';

export interface ComparisonReport extends Readonly<
  Pick<RouteReport, 'pairs' | 'differing' | 'unanswered' | 'carried' | 'unjudged' | 'onlyNoise' | 'times'>
> {
  readonly format: 1;
  readonly exchanges: Comparison['exchanges'];
  /** Without a partner on the other side. */
  readonly unmatched: { readonly online: number; readonly test: number };
  readonly pairsBy: Comparison['pairsBy'];
  /** Compared without their bodies, as too much waited. */
  readonly shortened: number;
  readonly learnedFrom: Comparison['learnedFrom'];
  /** How late the test side's times are, for all that can be known; undefined where no connection's beginning was seen. */
  readonly late_ms: Percentiles | undefined;
  readonly ignored: readonly { readonly rule: string; readonly count: number }[];
  /** What hurts most stands first. */
  readonly routes: readonly RouteReport[];
  readonly connections: Readonly<Record<string, ConnectionCounts>>;
}

export function reportOf(
  comparison: Comparison,
  connections: Readonly<Record<string, ConnectionCounts>> = {},
): ComparisonReport {
  const tallies = comparison.routes();
  const everywhere = learnedEverywhere(tallies);
  const { late, options } = comparison;
  const { times, reference } = timesOf(tallies);
  const added: Added = {
    late: late.count > 0 ? late : undefined,
    reference,
    margin_ms: options.margin_ms ?? MARGIN_MS,
  };
  const routes = tallies
    .filter(({ tally }) => tally.pairs + tally.unjudged > 0)
    .map((one) => routeReport(one, everywhere, added))
    .toSorted((a, b) => hurt(b) - hurt(a) || b.pairs - a.pairs || (a.route < b.route ? -1 : 1));
  const sum = (of: (route: RouteReport) => number): number =>
    routes.reduce((all, route) => all + of(route), 0);
  const { exchanges, pairsBy, learnedFrom, ignored, tests } = comparison;
  return {
    format: 1,
    pairs: sum(({ pairs }) => pairs),
    differing: sum(({ differing }) => differing),
    unanswered: sum(({ unanswered }) => unanswered),
    carried: sum(({ carried }) => carried),
    unjudged: sum(({ unjudged }) => unjudged),
    onlyNoise: sum(({ onlyNoise }) => onlyNoise),
    exchanges,
    unmatched: tests.unmatched,
    pairsBy,
    shortened: tests.shortened,
    learnedFrom,
    late_ms: added.late?.percentiles(),
    ignored: [...ignored].map(([rule, count]) => ({ rule, count })).toSorted((a, b) => b.count - a.count),
    times: times.report(added),
    routes,
    connections,
  };
}

const MARGIN_MS = 0.5;

/** Of all routes together. */
function timesOf(tallies: readonly RouteTally[]): {
  readonly times: PairedTimes;
  readonly reference: PairedTimes | undefined;
} {
  const [times, reference] = [new PairedTimes(), new PairedTimes()];
  for (const { tally } of tallies) {
    times.add(tally.times);
    if (tally.referenceTimes) reference.add(tally.referenceTimes);
  }
  return { times, reference: reference.isEnough ? reference : undefined };
}

/** No answer, and another status, are worse than another content; a test server that is slower is worse than one that is not. */
function hurt({ differing, unanswered, differences, times }: RouteReport): number {
  const status = differences.find(({ place }) => place === 'status')?.count ?? 0;
  const slower = times?.verdict === 'slower' ? times.pairs * Math.log2(times.ratio.p50) : 0;
  return differing + 2 * (unanswered + status) + slower;
}

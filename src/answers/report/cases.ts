/** A comparison for CI servers: each route is a case, and so is each limit over all of them. */
import type { CaseReport } from '../../report/case';
import type { ComparisonReport } from '../account/report';
import type { RouteReport } from '../account/route-report';
import { percent } from './text';
import type { Crossed, Threshold } from './thresholds';

/**
 * @param crossed a route fails that passes a limit; where there are no limits, one that differs
 * @param undecided limits of which cannot be told whether they are passed: told, and no failure
 */
export function casesOfComparison(
  suite: string,
  report: ComparisonReport,
  thresholds: readonly Threshold[],
  crossed: readonly Crossed[],
  undecided: readonly Crossed[] = [],
): CaseReport[] {
  const overall = thresholds
    .filter(({ isOfRoutes }) => !isOfRoutes)
    .map(({ text }): CaseReport => {
      const reasons = crossed.filter(({ threshold, route }) => route === undefined && threshold === text);
      return {
        suite: `${suite}, limits`,
        name: text,
        verdict: reasons.length > 0 ? 'fail' : 'pass',
        reasons: reasons.map(({ message }) => message),
        figures: {
          pairs: report.pairs,
          differing: report.differing,
          'cannot be told': undecided
            .filter(({ threshold, route }) => route === undefined && threshold === text)
            .map(({ message }) => message)
            .join('; '),
        },
      };
    });
  return [
    ...(report.pairs === 0 ? [nothing(suite)] : []),
    ...overall,
    ...report.routes.map((route) => caseOfRoute(suite, route, thresholds.length > 0 ? crossed : undefined)),
  ];
}

/** Who reads only the cases would take none for good news. */
const nothing = (suite: string): CaseReport => ({
  suite: `${suite}, limits`,
  name: 'something is compared',
  verdict: 'fail',
  reasons: ['Nothing could be compared.'],
  figures: { pairs: 0, differing: 0, 'cannot be told': '' },
});

function caseOfRoute(suite: string, route: RouteReport, crossed: readonly Crossed[] | undefined): CaseReport {
  const { pairs, differing, carried, differences, times } = route;
  const passed = crossed?.filter((one) => one.route === route.route).map(({ message }) => message);
  const found = differences.map(({ place, kind, count }) => `${place}: ${kind}, ${count} of ${pairs}`);
  const isBad = passed ? passed.length > 0 : differing > 0;
  return {
    suite,
    name: route.route,
    verdict: isBad ? 'fail' : 'pass',
    reasons: isBad ? [...(passed ?? []), ...found] : [],
    figures: {
      pairs,
      differing: `${differing} (${percent(differing, pairs)})`,
      carried,
      'p50 ratio': times ? times.ratio.p50.toFixed(2) : '',
      'p99 ratio': times ? times.ratio.p99.toFixed(2) : '',
    },
  };
}

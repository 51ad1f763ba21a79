/**
 * What must not be: `differing > 0.1%`, `unanswered > 0`, `p99 > 1.2x`, `p50 > 5ms`, over all pairs; `route differing > 5%` and
 * `route p99 > 2x` of each route that has pairs enough to say so.
 */
import type { ComparisonReport } from '../account/report';
import type { TimesReport } from '../account/times';

export class ThresholdError extends Error {
  override readonly name = 'ThresholdError';
}

export interface Threshold {
  /** As it was written. */
  readonly text: string;
  /** Of each route, and not of all pairs together. */
  readonly isOfRoutes: boolean;
  readonly figure: Figure;
  readonly unit: Unit;
  /** A share of one where the unit is `%`. */
  readonly limit: number;
}

const COUNTS = ['differing', 'unanswered', 'carried', 'unjudged', 'unmatched'] as const;
const TIMES = ['p50', 'p90', 'p99', 'max'] as const;
type Count = (typeof COUNTS)[number];
type Time = (typeof TIMES)[number];
type Figure = Count | Time;
type Unit = '' | '%' | 'x' | 'ms';

const FORM = /^(?:(route)\s+)?([a-z0-9]+)\s*>\s*(\d+(?:\.\d+)?)\s*(%|x|ms)?$/;
/** A percentile of fewer pairs is one of them. */
const PAIRS_MIN: Readonly<Record<Time, number>> = { p50: 20, p90: 50, p99: 200, max: 20 };

/** @throws ThresholdError */
export function parseThreshold(text: string): Threshold {
  const [, of, name, limit, unit = ''] = FORM.exec(text.trim()) ?? [];
  const figure = [...COUNTS, ...TIMES].find((one) => one === name);
  if (!figure) {
    const figures = [...COUNTS, ...TIMES].join(', ');
    throw new ThresholdError(
      `${JSON.stringify(text)} is no threshold: [route] figure > limit, as in "differing > 0.1%" or "route p99 > 1.2x"; figures are ${figures}`,
    );
  }
  const isTime = isTimeFigure(figure);
  if (isTime ? unit !== 'x' && unit !== 'ms' : unit !== '' && unit !== '%')
    throw new ThresholdError(
      `${JSON.stringify(text)}: a limit of ${figure} is ${isTime ? 'a factor (1.2x) or a time (5ms)' : 'a number, or a share (0.1%)'}`,
    );
  if (of !== undefined && figure === 'unmatched')
    throw new ThresholdError(`${JSON.stringify(text)}: what has no partner belongs to no route`);
  const scale = unit === '%' ? 100 : 1;
  return {
    text: text.trim(),
    isOfRoutes: of !== undefined,
    figure,
    unit: unit as Unit,
    limit: Number(limit) / scale,
  };
}

const isTimeFigure = (figure: Figure): figure is Time => TIMES.some((one) => one === figure);

/** A limit that is passed. */
export interface Crossed {
  readonly threshold: string;
  /** Undefined for all together. */
  readonly route: string | undefined;
  /** A sentence. */
  readonly message: string;
}

export function crossedOf(report: ComparisonReport, thresholds: readonly Threshold[]): Crossed[] {
  return thresholds.flatMap((threshold) => {
    if (threshold.isOfRoutes)
      return report.routes.flatMap((route) =>
        crossed(threshold, { ...route, unmatched: 0 }, route.times, route.route),
      );
    const counts = { ...report, unmatched: report.unmatched.online };
    return crossed(threshold, counts, report.times, undefined);
  });
}

type Counts = Readonly<Record<Count, number>> & { readonly pairs: number };

function crossed(
  { text, figure, unit, limit }: Threshold,
  counts: Counts,
  times: TimesReport | undefined,
  route: string | undefined,
): Crossed[] {
  const of = route ?? 'all';
  if (!isTimeFigure(figure)) {
    const count = counts[figure];
    const { pairs, unjudged } = counts;
    const all =
      figure === 'unjudged' ? pairs + unjudged : figure === 'unmatched' ? pairs + unjudged + count : pairs;
    const is = unit === '%' ? count / Math.max(1, all) : count;
    return is > limit ? [{ threshold: text, route, message: `${of}: ${count} of ${all} ${figure}` }] : [];
  }
  if (!times || times.pairs < PAIRS_MIN[figure]) return [];
  const is = unit === 'x' ? times.ratio[figure] : times.test_ms[figure];
  if (is <= limit) return [];
  const [ours, theirs] = [times.online_ms[figure], times.test_ms[figure]].map((ms) => `${ms.toFixed(2)} ms`);
  return [
    {
      threshold: text,
      route,
      message: `${of}: ${figure} is ${theirs!} beside ${ours!}, ${times.ratio[figure].toFixed(2)}x`,
    },
  ];
}

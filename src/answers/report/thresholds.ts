/**
 * What must not be: `differing > 0.1%`, `unanswered > 0`, `p99 > 1.2x`, `p50 > 5ms`, over all pairs; `route differing > 5%` and
 * `route p99 > 2x` of each route. A limit of times is passed where it is whatever chance, the copy and its captures have done; where it only
 * seems to be, that is told, and is no failure.
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

export const crossedOf = (report: ComparisonReport, thresholds: readonly Threshold[]): Crossed[] =>
  thresholds.flatMap((threshold) => passed(report, threshold, true));

/** Limits of times of which cannot be told whether they are passed, though it looks so. */
export const undecidedOf = (report: ComparisonReport, thresholds: readonly Threshold[]): Crossed[] =>
  thresholds.flatMap((threshold) => passed(report, threshold, false));

function passed(report: ComparisonReport, threshold: Threshold, isSure: boolean): Crossed[] {
  if (!threshold.isOfRoutes) {
    const counts = { ...report, unmatched: report.unmatched.online };
    return passedBy(threshold, counts, report.times, undefined, isSure);
  }
  return report.routes.flatMap((route) =>
    passedBy(threshold, { ...route, unmatched: 0 }, route.times, route.route, isSure),
  );
}

type Counts = Readonly<Record<Count, number>> & { readonly pairs: number };

function passedBy(
  threshold: Threshold,
  counts: Counts,
  times: TimesReport | undefined,
  route: string | undefined,
  isSure: boolean,
): Crossed[] {
  const { text, figure } = threshold;
  const found = isTimeFigure(figure)
    ? times && passedByTime(threshold, figure, times)
    : passedByCount(threshold, figure, counts);
  if (found?.isSure !== isSure) return [];
  return [{ threshold: text, route, message: `${route ?? 'all'}: ${found.message}` }];
}

interface Found {
  readonly isSure: boolean;
  readonly message: string;
}

function passedByCount({ unit, limit }: Threshold, figure: Count, counts: Counts): Found | undefined {
  const count = counts[figure];
  const { pairs, unjudged } = counts;
  const all =
    figure === 'unjudged' ? pairs + unjudged : figure === 'unmatched' ? pairs + unjudged + count : pairs;
  const is = unit === '%' ? count / Math.max(1, all) : count;
  return is > limit ? { isSure: true, message: `${count} of ${all} ${figure}` } : undefined;
}

function passedByTime({ unit, limit }: Threshold, figure: Time, times: TimesReport): Found | undefined {
  const { pairs, ratio, test_ms, online_ms, bounds, margin_ms, added_ms } = times;
  if ((unit === 'x' ? ratio[figure] : test_ms[figure]) <= limit) return undefined;
  const is = `${figure} is ${ms(test_ms[figure])} beside ${ms(online_ms[figure])}, ${ratio[figure].toFixed(2)}x`;
  if (pairs < PAIRS_MIN[figure])
    return { isSure: false, message: `${is}: of ${pairs} pairs, which takes ${PAIRS_MIN[figure]}` };
  const added = Math.max(unit === 'x' ? margin_ms : 0, added_ms[figure]);
  const least = bounds.test_ms[figure].lowest - added;
  const most = bounds.online_ms[figure].highest;
  if (least > (unit === 'x' ? limit * most : limit)) return { isSure: true, message: is };
  const [ours, theirs] = [bounds.online_ms[figure], bounds.test_ms[figure]].map(
    ({ lowest, highest }) => `${lowest.toFixed(2)} to ${ms(highest)}`,
  );
  const why = `of ${pairs} pairs that is ${theirs!} beside ${ours!}, and up to ${ms(added)} may be the copy's and its captures'`;
  return { isSure: false, message: `${is}, but ${why}` };
}

const ms = (time_ms: number): string => `${time_ms.toFixed(2)} ms`;

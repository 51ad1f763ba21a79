/** A comparison on a terminal: a few lines of sums, and a block for each route that differs or is slower. */
import type { ComparisonReport } from '../account/report';
import type { DifferenceReport, RouteReport } from '../account/route-report';
import type { TimesReport } from '../account/times';
import type { Crossed } from './thresholds';

const ROUTES_SHOWN = 10;
const DIFFERENCES_SHOWN = 5;

/** @param undecided limits of which cannot be told whether they are passed */
export function comparisonAsText(
  report: ComparisonReport,
  crossed: readonly Crossed[],
  undecided: readonly Crossed[] = [],
): string {
  const { routes } = report;
  const worth = routes.filter(({ differing, times }) => differing > 0 || times?.verdict === 'slower');
  return [
    headline(report, crossed),
    '',
    ...sums(report),
    ...worth.slice(0, ROUTES_SHOWN).flatMap((route) => ['', ...routeLines(route)]),
    ...(worth.length > ROUTES_SHOWN ? ['', `and ${worth.length - ROUTES_SHOWN} routes more`] : []),
    ...limitLines('failed', crossed),
    ...limitLines('cannot be told', undecided),
  ].join('\n');
}

/** Each limit, and where it is passed. */
const limitLines = (word: string, limits: readonly Crossed[]): string[] =>
  [...new Set(limits.map(({ threshold }) => threshold))].flatMap((limit, at) => {
    const own = limits.filter(({ threshold }) => threshold === limit);
    const more = own.length - ROUTES_SHOWN;
    return [
      ...(at === 0 ? [''] : []),
      `${word}: ${limit}`,
      ...own.slice(0, ROUTES_SHOWN).map(({ message }) => `  ${oneLine(message)}`),
      ...(more > 0 ? [`  and ${more} routes more`] : []),
    ];
  });

function headline(
  { pairs, differing, unjudged, routes }: ComparisonReport,
  crossed: readonly Crossed[],
): string {
  const verdict = crossed.length > 0 ? 'FAIL' : differing > 0 ? 'DIFF' : pairs === 0 ? 'NONE' : 'SAME';
  if (pairs === 0)
    return `${verdict}  ${unjudged > 0 ? `${counted(unjudged, 'answer')}, of which none can be judged` : 'no request was found on both sides'}`;
  const where = routes.filter((route) => route.differing > 0).length;
  return differing === 0
    ? `${verdict}  ${counted(pairs, 'answer')} compared, none differs`
    : `${verdict}  ${differing} of ${counted(pairs, 'answer')} (${percent(differing, pairs)}) ${differing === 1 ? 'differs' : 'differ'}, on ${counted(where, 'route')} of ${routes.length}`;
}

function sums(report: ComparisonReport): string[] {
  const {
    exchanges,
    unmatched,
    pairsBy,
    onlyNoise,
    learnedFrom,
    ignored,
    carried,
    unjudged,
    shortened,
    times,
    late_ms,
  } = report;
  const rows: [string, string][] = [
    ['requests', `${exchanges.online} at online, ${exchanges.test} at test`],
    ['without partner', `${unmatched.online} at online, ${unmatched.test} at test`],
  ];
  if (pairsBy.order > 0)
    rows.push(['matched', `${pairsBy.sequence} by sequence number, ${pairsBy.order} by bytes and order`]);
  rows.push([
    'noise',
    `${counted(onlyNoise, 'answer')} by noise alone; learned from ${learnedFrom.repeats} repeated, ${learnedFrom.reference} of the reference`,
  ]);
  if (ignored.length > 0)
    rows.push(['ignored', ignored.map(({ rule, count }) => `${rule} ${count}`).join(', ')]);
  if (carried > 0)
    rows.push(['carried', `${counted(carried, 'request')} with what only the online server had given`]);
  if (unjudged > 0)
    rows.push([
      'not judged',
      `${counted(unjudged, 'answer')}: not whole in the captures, or too long to look into`,
    ]);
  if (shortened > 0) rows.push(['without bodies', `${shortened} waited too long for their partner`]);
  if (times) rows.push(['times', timesText(times)]);
  if (late_ms && late_ms.p90 >= LATE_TOLD_MS)
    rows.push([
      'captured late',
      `the test side, by up to ${ms(late_ms.p90)} (90 %), ${ms(late_ms.p99)} (99 %)`,
    ]);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`);
}

function routeLines({
  route,
  pairs,
  differing,
  carried,
  differences,
  times,
  learnedFrom,
}: RouteReport): string[] {
  const more = differences.length - DIFFERENCES_SHOWN;
  return [
    `${oneLine(route)}  ${differing} of ${pairs}${carried > 0 ? `, and ${carried} carried` : ''}`,
    ...(times ? [`  times  ${timesText(times)}`] : []),
    ...differences.slice(0, DIFFERENCES_SHOWN).flatMap(differenceLines),
    ...(more > 0 ? [`  and ${more} places more`] : []),
    ...(learnedFrom === 0 && differing > 0
      ? ['  no request was repeated here: what of it is noise is not known']
      : []),
  ];
}

function differenceLines({ place, kind, count, examples: [example] }: DifferenceReport): string[] {
  const head = `  ${oneLine(place)}  ${kind}, ${count} times`;
  if (!example) return [head];
  const { online, test } = example.difference;
  return [
    head,
    `    ${oneLine(example.request)}`,
    `    online: ${oneLine(online ?? '(nothing)')}`,
    `    test:   ${oneLine(test ?? '(nothing)')}`,
  ];
}

/** Less is of no account. */
const LATE_TOLD_MS = 0.2;

export function timesText(times: TimesReport): string {
  const { online_ms, test_ms, ratio } = times;
  const of = (which: 'p50' | 'p99'): string =>
    `${which} ${ms(online_ms[which])} online, ${ms(test_ms[which])} test (${ratio[which].toFixed(2)}x)`;
  return `${of('p50')}; ${of('p99')}${times.verdict === 'same' ? '' : `: ${timesVerdict(times)}`}`;
}

/** With what it is made of. */
export function timesVerdict({ verdict, pairs, margin_ms, slowerPairs, fasterPairs }: TimesReport): string {
  if (verdict === 'same') return verdict;
  const count = verdict === 'slower' ? slowerPairs : fasterPairs;
  return `${verdict}, ${count} of ${pairs} by more than ${margin_ms} ms`;
}

export const ms = (time_ms: number): string => `${time_ms.toFixed(time_ms < 10 ? 2 : 0)} ms`;

export const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(part * 1000 < whole ? 3 : 1)} %`;

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What servers say must move no terminal's cursor, and turn no text around. */
export const oneLine = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '·');

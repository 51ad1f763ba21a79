/** The comparison as tables. */
import { medianOf } from '../figures/rates';
import { tableOf, type Cell } from '../figures/table';
import { comparisonsWith, PAIRS_MIN } from './against-before';
import { judgedIn, requirementsOf } from './acceptance';
import type { CostResult } from './cost';
import { rowsOf, type CostRow } from './summary';
import { CALL_LOADS, callsAPacket } from './system-calls';

const HEADINGS = [
  ...['load', 'candidate', 'complete, %', 'doubled', 'tcpcopy, µs', 'intercept, µs', 'both, µs', 'spread, %'],
  ...['memory, MB', 'client median, ms', 'p99, ms', 'without', 'with / without'],
];
/** Columns with decimals. */
const DECIMALS = { 2: 2, 4: 1, 5: 1, 6: 1, 8: 1, 9: 3, 10: 3, 11: 3, 12: 2 };

export function costText(result: CostResult): string {
  const rows = rowsOf(result.samples);
  return [
    tableOf(HEADINGS, rows.map(cellsOf), DECIMALS),
    '',
    `Medians of ${result.rounds} rounds. µs: CPU time of a program for each request that it brought to the test server.`,
    noise(rows),
    ...result.failures.map(({ load, candidate, reason }) => `${load}, ${candidate}: failed: ${reason}`),
    '',
    ...beforeTable(result),
    ...copiesTable(result),
    ...requirementLines(result),
  ].join('\n');
}

const cellsOf = (row: CostRow): Cell[] => [
  row.load,
  row.candidate,
  row.complete * 100,
  row.doubled,
  row.tcpcopy_us,
  row.intercept_us,
  row.both_us,
  row.spread * 100,
  row.peak_bytes / 1e6,
  row.median_ms ?? NaN,
  row.p99_ms ?? NaN,
  row.aloneP99_ms ?? NaN,
  row.p99Ratio ?? NaN,
];

function noise(rows: readonly CostRow[]): string {
  const spreads = rows.map(({ spread }) => spread);
  const worst = rows.find(({ spread }) => spread === Math.max(...spreads));
  if (!worst) return 'Nothing was copied.';
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return (
    `Noise: between the lowest and the highest round lie ${percent(medianOf(spreads))} of the median, ` +
    `at most ${percent(worst.spread)} (${worst.load}, ${worst.candidate}).`
  );
}

/** What a request costs over what it cost before, by load. */
function beforeTable(result: CostResult): string[] {
  const own = judgedIn(result);
  if (own === undefined || !result.candidates.some(({ origin }) => origin === 'before')) return [];
  const comparisons = comparisonsWith(own, result.samples);
  const cells = comparisons.map(({ load, ratio: { ratio, low, high, pairs } }) => [
    load,
    ratio,
    low,
    high,
    pairs,
  ]);
  const headings = ['cost of a request', 'ours / before', '95 % interval, from', 'to', 'pairs'];
  const few = comparisons.some(({ ratio }) => ratio.pairs < PAIRS_MIN)
    ? [`Fewer than ${PAIRS_MIN} pairs prove nothing about a ratio near 1.`]
    : [];
  return [tableOf(headings, cells, { 1: 3, 2: 3, 3: 3 }), ...few, ''];
}

/** What a candidate does to a packet, whatever the load. */
function copiesTable({ candidates, delays, calls }: CostResult): string[] {
  if (delays.length === 0) return [];
  const headings = [
    'candidate',
    'delay median, ms',
    'p99, ms',
    ...CALL_LOADS.flatMap((load) => [`calls a packet, ${load}: tcpcopy`, 'intercept']),
  ];
  const cells = candidates.map(({ id }): Cell[] => {
    const own = delays.filter(({ candidate }) => candidate === id);
    const counted = CALL_LOADS.flatMap((wanted) => {
      const sample = calls.find(({ candidate, load }) => candidate === id && load === wanted);
      return sample ? [callsAPacket(sample.tcpcopy), callsAPacket(sample.intercept)] : [NaN, NaN];
    });
    return [
      id,
      own.length > 0 ? medianOf(own.map(({ median_ms }) => median_ms)) : NaN,
      own.length > 0 ? medianOf(own.map(({ p99_ms }) => p99_ms)) : NaN,
      ...counted,
    ];
  });
  const uncounted =
    calls.length === 0 ? ['System calls were not counted: perf is not installed, or may not count.'] : [];
  return [tableOf(headings, cells, { 1: 3, 2: 3, 3: 2, 4: 2, 5: 2, 6: 2 }), ...uncounted, ''];
}

function requirementLines(result: CostResult): string[] {
  const requirements = requirementsOf(result);
  const cells = requirements.map(({ what, value, limit, met }) => [
    what,
    value,
    limit,
    met ? 'met' : 'MISSED',
  ]);
  const missed = requirements.filter(({ met }) => !met).length;
  const end = missed === 0 ? 'All is met.' : `${missed} of ${requirements.length} are missed.`;
  return requirements.length === 0
    ? []
    : [tableOf(['what is promised', 'measured', 'at most', ''], cells, { 1: 3, 2: 3 }), end];
}

/** The comparison as tables. */
import { medianOf, medianOrNot, spreadOf } from '../figures/rates';
import { tableOf, type Cell } from '../figures/table';
import { comparisonsWith, PAIRS_MIN } from './against-before';
import { judgedIn, requirementsOf } from './acceptance';
import type { CostResult } from './cost';
import { rowsOf, type CostRow } from './summary';
import { CALL_LOADS, callsAPacket } from './system-calls';

const SPREAD = '±, %';
const HEADINGS = [
  ...['load', 'candidate', 'complete, %', 'doubled', 'tcpcopy, µs', SPREAD, 'intercept, µs', SPREAD],
  ...['both, µs', SPREAD, 'delivery, µs', SPREAD, 'memory, MB'],
  ...['client median, ms', 'p99, ms', SPREAD, 'without', 'with / without'],
];
/** Columns with decimals. */
const DECIMALS = { 2: 2, 4: 1, 6: 1, 8: 1, 10: 1, 13: 3, 14: 3, 16: 3, 17: 2 };

export function costText(result: CostResult): string {
  const rows = rowsOf(result.samples);
  return [
    tableOf(HEADINGS, rows.map(cellsOf), DECIMALS),
    '',
    `Medians of ${result.rounds} rounds; ±: highest less lowest. µs: CPU time of a program for each request that it brought to the test server.`,
    'delivery: what bridge, firewall and the reception at both servers take more than without a copy; in neither program’s figure.',
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
  row.spreads.tcpcopy * 100,
  row.intercept_us,
  row.spreads.intercept * 100,
  row.both_us,
  row.spreads.both * 100,
  row.delivery_us,
  row.spreads.delivery * 100,
  row.peak_bytes / 1e6,
  row.median_ms ?? NaN,
  row.p99_ms ?? NaN,
  row.spreads.p99 * 100,
  row.aloneP99_ms ?? NaN,
  row.p99Ratio ?? NaN,
];

function noise(rows: readonly CostRow[]): string {
  const spreads = rows.map((row) => row.spreads.both);
  const worst = rows.find((row) => row.spreads.both === Math.max(...spreads));
  if (!worst) return 'Nothing was copied.';
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  return (
    `Noise: between the lowest and the highest round lie ${percent(medianOf(spreads))} of the median, ` +
    `at most ${percent(worst.spreads.both)} (${worst.load}, ${worst.candidate}).`
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
    ...['candidate', 'delay median, ms', SPREAD, 'p99, ms', SPREAD, 'idle meanwhile, %'],
    ...CALL_LOADS.flatMap((load) => [
      ...[`${load}: calls a packet, tcpcopy`, 'intercept', 'reception left, %, tcpcopy', 'intercept'],
    ]),
  ];
  const cells = candidates.map(({ id }): Cell[] => {
    const own = delays.filter(({ candidate }) => candidate === id);
    const counted = CALL_LOADS.flatMap((wanted) => {
      const sample = calls.find(({ candidate, load }) => candidate === id && load === wanted);
      if (!sample) return [NaN, NaN, NaN, NaN];
      const programs = [sample.tcpcopy, sample.intercept];
      return [...programs.map(callsAPacket), ...programs.map(({ reception }) => reception * 100)];
    });
    const [medians, p99s] = [own.map(({ median_ms }) => median_ms), own.map(({ p99_ms }) => p99_ms)];
    return [
      id,
      ...[medians, p99s].flatMap((values) => [medianOrNot(values), spreadOf(values) * 100]),
      medianOrNot(own.map(({ idle }) => idle)) * 100,
      ...counted,
    ];
  });
  const uncounted =
    calls.length === 0 ? ['System calls were not counted: perf is not installed, or may not count.'] : [];
  const decimals = { 1: 3, 3: 3, 6: 2, 7: 2, 8: 1, 9: 1, 10: 2, 11: 2, 12: 1, 13: 1 };
  return [
    tableOf(headings, cells, decimals),
    ...uncounted,
    'reception left: of a program’s own time, as perf samples it, what the kernel receives in it (net_rx_action).',
    '',
  ];
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

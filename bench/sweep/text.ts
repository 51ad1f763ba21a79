/** A table for each dimension. */
import { medianOf } from '../figures/rates';
import { tableOf, type Cell } from '../figures/table';
import { againstOriginals } from './curve';
import { isMet, rowsOf, type SweepRow } from './summary';
import type { SweepResult } from './sweep';

const HEADINGS = [
  ...['candidate', 'complete, %', 'doubled', 'requests/s', 'tcpcopy, µs', 'intercept, µs', 'both, µs'],
  ...['of the first', 'spread, %', 'memory, MB'],
];
const TIMED_HEADINGS = ['delay median, ms', 'p99, ms'];
/** Columns with decimals. */
const DECIMALS = { 2: 2, 5: 1, 6: 1, 7: 1, 8: 2, 10: 1, 11: 3, 12: 3 };

export function sweepText(result: SweepResult): string {
  const rows = rowsOf(result);
  const tables = result.dimensions.flatMap(({ id, title, heading, points }) => {
    const own = rows.filter(({ dimension }) => dimension === id);
    const isTimed = points.some((point) => point.isTimed);
    const cells = own.map((row) => [...cellsOf(row), ...(isTimed ? [row.delay_ms, row.delayP99_ms] : [])]);
    const headings = [heading, ...HEADINGS, ...(isTimed ? TIMED_HEADINGS : [])];
    return [`${title}:`, tableOf(headings, cells, DECIMALS), ''];
  });
  return [
    ...tables,
    `Medians of ${result.rounds} rounds. µs: CPU time of a program for each request that it brought to the test server, while the connections were held open.`,
    ...noise(rows),
    ...result.failures.map(
      ({ dimension, point, candidate, reason }) => `${dimension} ${point}, ${candidate}: failed: ${reason}`,
    ),
    ...curveLines(result),
    ...verdict(result),
  ].join('\n');
}

const cellsOf = (row: SweepRow): Cell[] => [
  row.point,
  row.candidate,
  row.complete * 100,
  row.doubled,
  row.rate,
  row.tcpcopy_us,
  row.intercept_us,
  row.both_us,
  row.ratio,
  row.spread * 100,
  row.peak_bytes / 1e6,
];

function verdict(result: SweepResult): string[] {
  if (!result.candidates.some(({ origin }) => origin === 'ours')) return [];
  return [
    isMet(result)
      ? 'Of ours, nothing is missing or doubled.'
      : 'OF OURS, SOMETHING FAILED, IS MISSING, OR DOUBLED.',
  ];
}

/** Whether ours is cheaper wherever it is as prompt. */
function curveLines(result: SweepResult): string[] {
  const comparisons = againstOriginals(result);
  if (comparisons.length === 0) return [];
  const cells = comparisons.map(({ candidate, delay_ms, theirs_us, ours_us, met }) => [
    ...[candidate, delay_ms, theirs_us, ours_us],
    met ? 'met' : 'MISSED',
  ]);
  const headings = ['as prompt as', 'delay median, ms', 'both, µs', 'ours at most as late, µs', ''];
  return ['', tableOf(headings, cells, { 1: 3, 2: 1, 3: 1 }), ''];
}

function noise(rows: readonly SweepRow[]): string[] {
  if (rows.length === 0) return ['Nothing was copied.'];
  const share = medianOf(rows.map(({ spread }) => spread)) * 100;
  return [`Noise: between the lowest and the highest round lie ${share.toFixed(0)} % of the median.`];
}

/** A table for each dimension. */
import { medianOf } from '../figures/rates';
import { tableOf, type Cell } from '../figures/table';
import { isMet, rowsOf, type SweepRow } from './summary';
import type { SweepResult } from './sweep';

const HEADINGS = [
  ...['candidate', 'complete, %', 'doubled', 'requests/s', 'tcpcopy, µs', 'intercept, µs', 'both, µs'],
  ...['of the first', 'spread, %', 'memory, MB'],
];
/** Columns with decimals. */
const DECIMALS = { 2: 2, 5: 1, 6: 1, 7: 1, 8: 2, 10: 1 };

export function sweepText(result: SweepResult): string {
  const rows = rowsOf(result);
  const tables = result.dimensions.flatMap(({ id, title, heading }) => {
    const cells = rows.filter(({ dimension }) => dimension === id).map(cellsOf);
    return [`${title}:`, tableOf([heading, ...HEADINGS], cells, DECIMALS), ''];
  });
  return [
    ...tables,
    `Medians of ${result.rounds} rounds. µs: CPU time of a program for each request that it brought to the test server, while the connections were held open.`,
    ...noise(rows),
    ...result.failures.map(
      ({ dimension, point, candidate, reason }) => `${dimension} ${point}, ${candidate}: failed: ${reason}`,
    ),
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

function noise(rows: readonly SweepRow[]): string[] {
  if (rows.length === 0) return ['Nothing was copied.'];
  const share = medianOf(rows.map(({ spread }) => spread)) * 100;
  return [`Noise: between the lowest and the highest round lie ${share.toFixed(0)} % of the median.`];
}

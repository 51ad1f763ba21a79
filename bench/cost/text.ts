/** The comparison as a table. */
import { tableOf } from '../table';
import type { CostResult } from './cost';
import { rowsOf } from './summary';

const HEADINGS = [
  'load',
  'candidate',
  'complete, %',
  'doubled',
  'tcpcopy, µs',
  'intercept, µs',
  'both, µs',
  'spread, %',
  'memory, MB',
  'client median, ms',
  'p99, ms',
  'p99 with / without',
];
/** Columns with decimals. */
const DECIMALS = { 2: 2, 4: 1, 5: 1, 6: 1, 8: 1, 9: 3, 10: 3, 11: 2 };

export function costText({ samples, rounds }: CostResult): string {
  const cells = rowsOf(samples).map((row) => [
    row.load,
    row.candidate,
    row.complete * 100,
    row.doubled,
    row.tcpcopy_us,
    row.intercept_us,
    row.both_us,
    row.spread * 100,
    row.peak_bytes / 1e6,
    row.median_ms ?? '–',
    row.p99_ms ?? '–',
    row.p99Ratio ?? '–',
  ]);
  return [
    tableOf(HEADINGS, cells, DECIMALS),
    '',
    `Medians of ${rounds} rounds. µs: CPU time of a program for each request that it brought to the test server.`,
  ].join('\n');
}

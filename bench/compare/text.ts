/** What comparing costs, as a table: medians of the rounds. */
import { medianOf } from '../figures/rates';
import { tableOf } from '../figures/table';
import type { CompareSample } from './compare';

export interface CompareRow {
  readonly load: string;
  readonly requests: number;
  /** Requests a second while recorded, over those while not. */
  readonly rates: number;
  /** Microseconds of CPU time for each request. */
  readonly online_us: number;
  readonly test_us: number;
  readonly compare_us: number;
  readonly compare_bytes: number;
  readonly recorded_bytes: number;
  /** The share of requests, at the least, whose answers were held against each other. */
  readonly compared: number;
}

export const compareRows = (samples: readonly CompareSample[]): CompareRow[] =>
  [...new Set(samples.map(({ load }) => load))].map((load) => {
    const own = samples.filter((sample) => sample.load === load);
    const median = (of: (sample: CompareSample) => number): number => medianOf(own.map(of));
    return {
      load,
      requests: median(({ requests }) => requests),
      rates: median(({ recordedRate, rate }) => recordedRate / rate),
      online_us: median(({ online_us, requests }) => online_us / requests),
      test_us: median(({ test_us, requests }) => test_us / requests),
      compare_us: median(({ compare, requests }) => compare.cpu_us / requests),
      compare_bytes: Math.max(...own.map(({ compare }) => compare.peak_bytes)),
      recorded_bytes: median(({ recorded_bytes, requests }) => recorded_bytes / requests),
      compared: Math.min(...own.map(({ pairs, requests }) => pairs / requests)),
    };
  });

export function compareCostText(rows: readonly CompareRow[]): string {
  const headings = [
    'load',
    'rate, recorded / not',
    'tcpdump on online, µs',
    'on test, µs',
    'compare, µs',
    'compare, MB',
    'recorded, bytes',
    'compared, %',
  ];
  const cells = rows.map((row) => [
    row.load,
    row.rates,
    row.online_us,
    row.test_us,
    row.compare_us,
    row.compare_bytes / 1e6,
    row.recorded_bytes,
    row.compared * 100,
  ]);
  return [
    'Medians; µs of CPU time and bytes for each request, MB resident at most, the least that was compared.',
    tableOf(headings, cells, { 1: 2, 2: 1, 3: 1, 4: 1, 5: 0, 6: 0, 7: 2 }),
  ].join('\n');
}

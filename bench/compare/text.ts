/** What comparing costs, as a table: medians of the rounds. */
import { medianOf } from '../figures/rates';
import { tableOf } from '../figures/table';
import type { CompareSample } from './compare';
import { SHARES, type LiveSample, type Share } from './live';

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

export interface LiveRow {
  readonly load: string;
  readonly share: Share;
  readonly requests: number;
  /** Requests a second, over those while nothing is compared. */
  readonly rates: number;
  /** Microseconds of CPU time for each request. */
  readonly tcpcopy_us: number;
  readonly intercept_us: number;
  readonly comparer_us: number;
  readonly tcpcopy_bytes: number;
  readonly comparer_bytes: number;
  /** What was compared, and of what nothing could be said, by all requests of both loads' warming up as well. */
  readonly pairs: number;
  readonly unjudged: number;
}

export const liveRows = (samples: readonly LiveSample[]): LiveRow[] =>
  [...new Set(samples.map(({ load }) => load))].flatMap((load) =>
    SHARES.map((share) => {
      const own = samples.filter((sample) => sample.load === load && sample.share === share);
      const median = (of: (sample: LiveSample) => number): number => medianOf(own.map(of));
      const plain = (round: number): number =>
        samples.find((sample) => sample.load === load && sample.share === '0' && sample.round === round)!
          .rate;
      return {
        load,
        share,
        requests: median(({ requests }) => requests),
        rates: median(({ rate, round }) => rate / plain(round)),
        tcpcopy_us: median(({ tcpcopy, requests }) => tcpcopy.cpu_us / requests),
        intercept_us: median(({ intercept, requests }) => intercept.cpu_us / requests),
        comparer_us: median(({ comparer, requests }) => (comparer?.cpu_us ?? 0) / requests),
        tcpcopy_bytes: Math.max(...own.map(({ tcpcopy }) => tcpcopy.peak_bytes)),
        comparer_bytes: Math.max(...own.map(({ comparer }) => comparer?.peak_bytes ?? 0)),
        pairs: median(({ pairs }) => pairs),
        unjudged: median(({ unjudged }) => unjudged),
      };
    }),
  );

export function liveCostText(rows: readonly LiveRow[]): string {
  const headings = [
    'load',
    'compared',
    'rate, over none',
    'tcpcopy, µs',
    'intercept, µs',
    'comparer, µs',
    'tcpcopy, MB',
    'comparer, MB',
    'pairs',
    'not judged',
  ];
  const cells = rows.map((row) => [
    row.load,
    row.share,
    row.rates,
    row.tcpcopy_us,
    row.intercept_us,
    row.comparer_us,
    row.tcpcopy_bytes / 1e6,
    row.comparer_bytes / 1e6,
    row.pairs,
    row.unjudged,
  ]);
  return [
    'While the copy runs: medians; µs of CPU time for each request of the load, MB resident at most; pairs with those of 5,000 requests before.',
    tableOf(headings, cells, { 2: 2, 3: 1, 4: 1, 5: 1, 6: 0, 7: 0, 8: 0, 9: 0 }),
  ].join('\n');
}

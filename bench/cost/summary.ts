/** What the rounds come to: medians, and how far the rounds were apart. By load, then candidate. */
import { medianOf, medianOrNot, spreadOf } from '../figures/rates';
import type { CopySample, Sample } from './measure';

export interface CostRow {
  readonly load: string;
  readonly candidate: string;
  /** Of all rounds together: share of the online server's requests that the test server got. */
  readonly complete: number;
  readonly missing: number;
  readonly doubled: number;
  /** Of a request that was copied, in microseconds of CPU time. */
  readonly tcpcopy_us: number;
  readonly intercept_us: number;
  readonly both_us: number;
  /**
   * What the copy makes the lab's links take more for a request: bridge, firewall and the reception at both servers, which is
   * in neither program's figure. Not a number where that is not told apart.
   */
  readonly delivery_us: number;
  /** How far the rounds were apart, as a share of their median. */
  readonly spreads: Readonly<Record<'tcpcopy' | 'intercept' | 'both' | 'delivery' | 'p99', number>>;
  /** Of both programs, the most of all rounds. */
  readonly peak_bytes: number;
  /** Of the program that has more, the same. */
  readonly largerPeak_bytes: number;
  readonly median_ms: number | undefined;
  readonly p99_ms: number | undefined;
  /** The same without a copy. */
  readonly aloneP99_ms: number | undefined;
  /** Of the client's 99th percentile with the copy over that without it. */
  readonly p99Ratio: number | undefined;
}

type Copied = Sample & { readonly copy: CopySample };

export function rowsOf(samples: readonly Sample[]): CostRow[] {
  const loads = new Set(samples.map(({ load }) => load));
  return [...loads].flatMap((load) => {
    const own = samples.filter((sample) => sample.load === load);
    const copied = own.filter((sample): sample is Copied => sample.copy !== undefined);
    const without = own.filter(({ copy }) => copy === undefined);
    const candidates = new Set(copied.map(({ candidate }) => candidate));
    return [...candidates].map((candidate) => {
      const ownCopied = copied.filter((sample) => sample.candidate === candidate);
      return rowOf(load, candidate, ownCopied, without);
    });
  });
}

function rowOf(load: string, candidate: string, own: readonly Copied[], without: readonly Sample[]): CostRow {
  const total = (part: (sample: Copied) => number): number =>
    own.reduce((sum, sample) => sum + part(sample), 0);
  const perRequest = (part: (copy: CopySample) => number): number[] =>
    own.map(({ copy }) => part(copy) / copy.test);
  const tcpcopy = perRequest((copy) => copy.tcpcopy.cpu_us);
  const intercept = perRequest((copy) => copy.intercept.cpu_us);
  const both = perRequest((copy) => copy.tcpcopy.cpu_us + copy.intercept.cpu_us);
  const aloneDelivery_us = medianOrNot(without.map(({ delivery_us = NaN, online }) => delivery_us / online));
  const delivery = own.map(
    ({ delivery_us = NaN, online, copy: { test } }) => (delivery_us - aloneDelivery_us * online) / test,
  );
  const missing = total(({ copy }) => copy.missing);
  const p99_ms = medianOfLatency(own, 'p99_ms');
  const aloneP99_ms = medianOfLatency(without, 'p99_ms');
  return {
    load,
    candidate,
    complete: 1 - missing / total(({ online }) => online),
    missing,
    doubled: total(({ copy }) => copy.doubled),
    tcpcopy_us: medianOf(tcpcopy),
    intercept_us: medianOf(intercept),
    both_us: medianOf(both),
    delivery_us: medianOf(delivery),
    spreads: {
      tcpcopy: spreadOf(tcpcopy),
      intercept: spreadOf(intercept),
      both: spreadOf(both),
      delivery: spreadOf(delivery),
      p99: spreadOf(own.map(({ latency }) => latency?.p99_ms ?? NaN)),
    },
    peak_bytes: Math.max(...own.map(({ copy }) => copy.tcpcopy.peak_bytes + copy.intercept.peak_bytes)),
    largerPeak_bytes: Math.max(
      ...own.flatMap(({ copy: { tcpcopy, intercept } }) => [tcpcopy.peak_bytes, intercept.peak_bytes]),
    ),
    median_ms: medianOfLatency(own, 'median_ms'),
    p99_ms,
    aloneP99_ms,
    p99Ratio: p99_ms === undefined || aloneP99_ms === undefined ? undefined : p99_ms / aloneP99_ms,
  };
}

function medianOfLatency(samples: readonly Sample[], which: 'median_ms' | 'p99_ms'): number | undefined {
  const values = samples.flatMap(({ latency }) => latency?.[which] ?? []);
  return values.length === 0 ? undefined : medianOf(values);
}

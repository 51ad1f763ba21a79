/** What the rounds come to: medians, how far the rounds were apart, and how many times as much as at the first point. */
import { medianOf, spreadOf } from '../figures/rates';
import type { SweepSample } from './measure';
import type { SweepResult } from './sweep';

export interface SweepRow {
  readonly dimension: string;
  readonly point: string;
  readonly candidate: string;
  /** Of all rounds together: share of what the test server should have got. */
  readonly complete: number;
  readonly missing: number;
  readonly doubled: number;
  /** Requests a second that clients came to; median of the rounds, as are the following. */
  readonly rate: number;
  /** Of a copied request, in microseconds of CPU time. */
  readonly tcpcopy_us: number;
  readonly intercept_us: number;
  readonly both_us: number;
  /** What a copy adds between a request's arrival and its departure; not numbers where that was not measured. */
  readonly delay_ms: number;
  readonly delayP99_ms: number;
  /** Of `both_us`: over what the dimension's first point took in the same round. Not a number where there was none. */
  readonly ratio: number;
  /** Of `both_us`: how far the rounds were apart, as a share of their median. */
  readonly spread: number;
  /** Of both programs, the most of all rounds. */
  readonly peak_bytes: number;
}

/** By dimension, then point, then candidate; what came to no figures is left out. */
export function rowsOf({ dimensions, candidates, samples }: SweepResult): SweepRow[] {
  return dimensions.flatMap(({ id: dimension, points }) =>
    points.flatMap(({ title }) =>
      candidates.flatMap((candidate) => {
        const of = (point: string): SweepSample[] =>
          samples.filter(
            (sample) =>
              sample.dimension === dimension && sample.point === point && sample.candidate === candidate.id,
          );
        const own = of(title);
        return own.length === 0 ? [] : [rowOf(own, of(points[0]!.title))];
      }),
    ),
  );
}

function rowOf(own: readonly SweepSample[], first: readonly SweepSample[]): SweepRow {
  const { dimension, point, candidate } = own[0]!;
  const total = (part: (sample: SweepSample) => number): number =>
    own.reduce((sum, sample) => sum + part(sample), 0);
  const median = (part: (sample: SweepSample) => number): number => medianOf(own.map(part));
  const missing = total((sample) => sample.missing);
  const both = own.map(bothOf);
  const firsts = new Map(first.map((sample) => [sample.round, bothOf(sample)]));
  const ratios = own.flatMap((sample) => {
    const base = firsts.get(sample.round);
    return base === undefined ? [] : [bothOf(sample) / base];
  });
  return {
    dimension,
    point,
    candidate,
    complete: 1 - missing / total(({ expected }) => expected),
    missing,
    doubled: total(({ doubled }) => doubled),
    rate: median(({ rate }) => rate),
    tcpcopy_us: median(({ tcpcopy, copied }) => tcpcopy.cpu_us / copied),
    intercept_us: median(({ intercept, copied }) => intercept.cpu_us / copied),
    both_us: medianOf(both),
    delay_ms: median(({ delay }) => delay?.median_ms ?? NaN),
    delayP99_ms: median(({ delay }) => delay?.p99_ms ?? NaN),
    ratio: ratios.length === 0 ? NaN : medianOf(ratios),
    spread: spreadOf(both),
    peak_bytes: Math.max(...own.map(({ tcpcopy, intercept }) => tcpcopy.peak_bytes + intercept.peak_bytes)),
  };
}

const bothOf = ({ tcpcopy, intercept, copied }: SweepSample): number =>
  (tcpcopy.cpu_us + intercept.cpu_us) / copied;

/** Nothing of ours failed, and nothing is missing or doubled. Of the original it may. */
export function isMet({ candidates, failures, samples }: SweepResult): boolean {
  const ours = new Set(candidates.filter(({ origin }) => origin === 'ours').map(({ id }) => id));
  const exact = ({ missing, doubled }: SweepSample): boolean => missing === 0 && doubled === 0;
  return (
    !failures.some(({ candidate }) => ours.has(candidate)) &&
    samples.every((sample) => !ours.has(sample.candidate) || exact(sample))
  );
}

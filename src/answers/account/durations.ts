/** How long something took, many times over: percentiles, and between what they are, whatever chance has done. */
import { createHistogram } from 'node:perf_hooks';

const LONGEST_US = 3_600_000_000;
/** Significant decimal digits: a percentile is wrong by at most a hundredth, and one of these takes some 25 KB. */
const FIGURES = 2;
/** Standard deviations on each side. */
const SURE = 3;

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds; of `max` nothing is known but itself. */
export type Bounds = Readonly<
  Record<keyof Percentiles, { readonly lowest: number; readonly highest: number }>
>;

export class Durations {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: FIGURES });

  get count(): number {
    return this.#histogram.count;
  }

  note(took_ms: number): void {
    this.#histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(took_ms * 1000))));
  }

  add(other: Durations): void {
    this.#histogram.add(other.#histogram);
  }

  /** To be asked when something was noted. */
  percentiles(): Percentiles {
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99), max: this.#histogram.max / 1000 };
  }

  /** By the ranks that a percentile of as many has by chance, which are those of a binomial distribution. */
  bounds(): Bounds {
    const at = (share: number): Bounds['p50'] => {
      const spread = SURE * Math.sqrt((share * (1 - share)) / this.count);
      return { lowest: this.#at(share - spread), highest: this.#at(share + spread) };
    };
    const max = this.#histogram.max / 1000;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: { lowest: max, highest: max } };
  }

  #at(share: number): number {
    if (share >= 1) return this.#histogram.max / 1000;
    return this.#histogram.percentile(100 * Math.max(0.5 / this.count, share)) / 1000;
  }
}

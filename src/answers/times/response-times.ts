/** How long something took, many times over: percentiles of a high dynamic range, and steps that only grow. */
import { createHistogram } from 'node:perf_hooks';

/** One hour; what took longer counts as this. */
const LONGEST_US = 3_600_000_000;
/** Significant decimal digits: a percentile is wrong by at most a thousandth of itself. */
const FIGURES = 3;

/** Upper ends of the steps, in milliseconds: 1, 2 and 5 of each power of ten from 0.1 ms to 50 s. */
export const STEPS_MS: readonly number[] = [0.1, 1, 10, 100, 1000, 10_000].flatMap((unit) => [
  unit,
  2 * unit,
  5 * unit,
]);

/** In milliseconds; undefined when nothing was noted. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export class ResponseTimes {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: FIGURES });
  /** Of each step those that it holds and none before it. */
  readonly #steps = new Float64Array(STEPS_MS.length);
  #count = 0;
  #sum_ms = 0;

  /** Microseconds are told apart; what took less than one counts as one. */
  note(took_ms: number): void {
    this.#histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(took_ms * 1000))));
    this.#count += 1;
    this.#sum_ms += took_ms;
    for (let step = 0; step < STEPS_MS.length; step += 1)
      if (took_ms <= STEPS_MS[step]!) {
        this.#steps[step]! += 1;
        return;
      }
  }

  get count(): number {
    return this.#count;
  }

  get sum_ms(): number {
    return this.#sum_ms;
  }

  /** How many took no longer than each of `STEPS_MS`. */
  within(): number[] {
    let within = 0;
    return Array.from(this.#steps, (count) => (within += count));
  }

  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined;
    const at = (percentile: number): number => this.#histogram.percentile(percentile) / 1000;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.max / 1000 };
  }
}

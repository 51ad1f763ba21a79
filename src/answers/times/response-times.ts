/** How long something took, many times over: percentiles of a high dynamic range, and steps that only grow. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

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

const STEPS = STEPS_MS.length;

/** In milliseconds; undefined when nothing was noted. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What was noted, as threads can tell it each other. */
export interface TimesPart {
  readonly histogram: RecordableHistogram;
  /** As `STEPS_MS`: of each step those that it holds and none before it. */
  readonly steps: Float64Array;
  readonly count: number;
  readonly sum_ms: number;
}

/** What was noted is put in order so many at a time: a call of Node's for each costs more than all else that a request is timed by. */
const WAITING_MAX = 512;

export class ResponseTimes {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: FIGURES });
  /** Of each step those that it holds and none before it. */
  readonly #steps = new Float64Array(STEPS_MS.length);
  #count = 0;
  #sum_ms = 0;
  readonly #waiting_ms = new Float64Array(WAITING_MAX);
  #waiting = 0;

  /** Microseconds are told apart; what took less than one counts as one. */
  note(took_ms: number): void {
    if (this.#waiting === WAITING_MAX) this.#putInOrder();
    this.#waiting_ms[this.#waiting] = took_ms;
    this.#waiting += 1;
    this.#count += 1;
    this.#sum_ms += took_ms;
  }

  /** All that was noted elsewhere counts as noted here. */
  add({ histogram, steps, count, sum_ms }: TimesPart): void {
    if (count > 0) this.#histogram.add(histogram);
    steps.forEach((more, step) => (this.#steps[step]! += more));
    this.#count += count;
    this.#sum_ms += sum_ms;
  }

  /** For `add`. */
  get part(): TimesPart {
    this.#putInOrder();
    return { histogram: this.#histogram, steps: this.#steps, count: this.#count, sum_ms: this.#sum_ms };
  }

  get count(): number {
    return this.#count;
  }

  get sum_ms(): number {
    return this.#sum_ms;
  }

  /** How many took no longer than each of `STEPS_MS`. */
  within(): number[] {
    this.#putInOrder();
    let within = 0;
    return Array.from(this.#steps, (count) => (within += count));
  }

  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined;
    this.#putInOrder();
    const at = (percentile: number): number => this.#histogram.percentile(percentile) / 1000;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.#histogram.max / 1000 };
  }

  #putInOrder(): void {
    for (let at = 0; at < this.#waiting; at += 1) {
      const took_ms = this.#waiting_ms[at]!;
      this.#histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(took_ms * 1000))));
      let step = 0;
      while (step < STEPS && took_ms > STEPS_MS[step]!) step += 1;
      // Those above the last step are in none.
      if (step < STEPS) this.#steps[step]! += 1;
    }
    this.#waiting = 0;
  }
}

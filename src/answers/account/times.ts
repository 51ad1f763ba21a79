/** How long both servers took for the same requests: percentiles of each, and whether one is slower by more than chance. */
import { createHistogram } from 'node:perf_hooks';

const LONGEST_US = 3_600_000_000;
/** Significant decimal digits: a percentile is wrong by at most a hundredth, and a route takes some 50 KB. */
const FIGURES = 2;
/** Of a pair: less is the captures' own, above all where a rule logs what is captured. */
const APART_MS = 0.5;
const APART_SHARE = 0.05;
/** Standard deviations: by chance one route in thirty thousand. */
const SURE = 4;
const RATIO_TOLD = 1.1;
/** Of as many pairs a verdict is made. */
const PAIRS_MIN = 20;

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface TimesReport {
  readonly pairs: number;
  readonly online_ms: Percentiles;
  readonly test_ms: Percentiles;
  /** The test server's by the online server's. */
  readonly ratio: Percentiles;
  /** Of the test server, by a sign test over the pairs; `same` where it may be chance, or is less than a tenth. */
  readonly verdict: 'slower' | 'faster' | 'same';
}

const newHistogram = () => createHistogram({ lowest: 1, highest: LONGEST_US, figures: FIGURES });

export class PairedTimes {
  readonly #online = newHistogram();
  readonly #test = newHistogram();
  #pairs = 0;
  #slower = 0;
  #faster = 0;

  note(online_ms: number, test_ms: number): void {
    this.#online.record(microseconds(online_ms));
    this.#test.record(microseconds(test_ms));
    this.#pairs += 1;
    const apart_ms = Math.max(APART_MS, APART_SHARE * Math.min(online_ms, test_ms));
    if (test_ms - online_ms > apart_ms) this.#slower += 1;
    else if (online_ms - test_ms > apart_ms) this.#faster += 1;
  }

  add(other: PairedTimes): void {
    this.#online.add(other.#online);
    this.#test.add(other.#test);
    this.#pairs += other.#pairs;
    this.#slower += other.#slower;
    this.#faster += other.#faster;
  }

  /** Undefined where nothing was noted. */
  report(): TimesReport | undefined {
    if (this.#pairs === 0) return undefined;
    const [online_ms, test_ms] = [percentilesOf(this.#online), percentilesOf(this.#test)];
    const ratio = {
      p50: test_ms.p50 / online_ms.p50,
      p90: test_ms.p90 / online_ms.p90,
      p99: test_ms.p99 / online_ms.p99,
      max: test_ms.max / online_ms.max,
    };
    return { pairs: this.#pairs, online_ms, test_ms, ratio, verdict: this.#verdict(ratio.p50) };
  }

  #verdict(ratio: number): TimesReport['verdict'] {
    const decided = this.#slower + this.#faster;
    if (this.#pairs < PAIRS_MIN || decided === 0) return 'same';
    const deviations = (this.#slower - this.#faster) / Math.sqrt(decided);
    if (deviations > SURE && ratio > RATIO_TOLD) return 'slower';
    return deviations < -SURE && ratio < 1 / RATIO_TOLD ? 'faster' : 'same';
  }
}

const microseconds = (took_ms: number): number =>
  Math.min(LONGEST_US, Math.max(1, Math.round(took_ms * 1000)));

function percentilesOf(histogram: ReturnType<typeof newHistogram>): Percentiles {
  const at = (percentile: number): number => histogram.percentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), max: histogram.max / 1000 };
}

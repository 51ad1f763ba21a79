/** How long both servers took for the same requests, and whether one is slower by more than chance, and by more than a copy adds itself. */
import { Durations, type Bounds, type Percentiles } from './durations';

export interface TimesReport {
  readonly pairs: number;
  readonly online_ms: Percentiles;
  readonly test_ms: Percentiles;
  /** The test server's by the online server's. */
  readonly ratio: Percentiles;
  /** Of the test server; `same` where it may be chance, or the copy's and its captures' doing. */
  readonly verdict: 'slower' | 'faster' | 'same';
  /** What is less is not the server's, for all that is known; pairs that are further apart, and by more than a tenth. */
  readonly margin_ms: number;
  readonly slowerPairs: number;
  readonly fasterPairs: number;
  /** Where the percentiles are, whatever chance has done. */
  readonly bounds: { readonly online_ms: Bounds; readonly test_ms: Bounds };
  /** What of the test server's percentiles may be the copy's and its captures'. */
  readonly added_ms: Percentiles;
}

/** What is known of a copy, whatever its server does. */
export interface Added {
  /** How late what its captures show is. */
  readonly late: Durations | undefined;
  /** How long a known-good server takes behind a copy, of pairs enough. */
  readonly reference: PairedTimes | undefined;
  /** Less is never told. */
  readonly margin_ms: number;
}

/** Between the steps a margin is the next one. */
const MARGINS_MS = [0.2, 0.5, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 500, 1000, 2000, 5000];
const APART_SHARE = 0.1;
/** Standard deviations of a sign test: by chance one route in thirty thousand. */
const SURE = 4;
/** Of as many pairs a verdict is made. */
const PAIRS_MIN = 20;

export class PairedTimes {
  readonly #online = new Durations();
  readonly #test = new Durations();
  /** Pairs that are further apart than each margin. */
  readonly #slower = new Float64Array(MARGINS_MS.length);
  readonly #faster = new Float64Array(MARGINS_MS.length);

  note(online_ms: number, test_ms: number): void {
    this.#online.note(online_ms);
    this.#test.note(test_ms);
    const apart_ms = Math.abs(test_ms - online_ms);
    if (apart_ms <= APART_SHARE * Math.min(online_ms, test_ms)) return;
    const counts = test_ms > online_ms ? this.#slower : this.#faster;
    for (let at = 0; at < MARGINS_MS.length && apart_ms > MARGINS_MS[at]!; at += 1) counts[at]! += 1;
  }

  /** Verdicts are made of these. */
  get isEnough(): boolean {
    return this.pairs >= PAIRS_MIN;
  }

  get pairs(): number {
    return this.#online.count;
  }

  add(other: PairedTimes): void {
    this.#online.add(other.#online);
    this.#test.add(other.#test);
    for (const at of MARGINS_MS.keys()) {
      this.#slower[at]! += other.#slower[at]!;
      this.#faster[at]! += other.#faster[at]!;
    }
  }

  /** Undefined where nothing was noted. */
  report({ late, reference, margin_ms }: Added): TimesReport | undefined {
    if (this.pairs === 0) return undefined;
    const [online_ms, test_ms] = [this.#online.percentiles(), this.#test.percentiles()];
    const bounds = { online_ms: this.#online.bounds(), test_ms: this.#test.bounds() };
    const slowerBy_ms = reference ? reference.#mostlySlowerBy() : 0;
    const margin = stepFrom(Math.max(margin_ms, late?.percentiles().p90 ?? 0, slowerBy_ms));
    const [slowerPairs, fasterPairs] = [this.#slower[margin]!, this.#faster[margin]!];
    return {
      pairs: this.pairs,
      online_ms,
      test_ms,
      ratio: overEach(online_ms, (is, which) => test_ms[which] / is),
      verdict: this.#verdict(slowerPairs, fasterPairs),
      margin_ms: MARGINS_MS[margin]!,
      slowerPairs,
      fasterPairs,
      bounds,
      added_ms: overEach(online_ms, (_, which) =>
        Math.max(0, late?.bounds()[which].highest ?? 0, reference ? reference.#addedAt(which) : 0),
      ),
    };
  }

  /** More than half of all pairs, and more than chance would lead the same way. */
  #verdict(slower: number, faster: number): TimesReport['verdict'] {
    if (!this.isEnough) return 'same';
    const deviations = (slower - faster) / Math.sqrt(Math.max(1, slower + faster));
    if (deviations > SURE && slower > this.pairs / 2) return 'slower';
    return deviations < -SURE && faster > this.pairs / 2 ? 'faster' : 'same';
  }

  /** The least step by which hardly half of the pairs are slower. */
  #mostlySlowerBy(): number {
    const few = this.pairs / 2 - Math.sqrt(this.pairs);
    return MARGINS_MS.find((_, at) => this.#slower[at]! <= few) ?? MARGINS_MS.at(-1)!;
  }

  #addedAt(which: keyof Percentiles): number {
    return this.#test.bounds()[which].highest - this.#online.bounds()[which].lowest;
  }
}

function stepFrom(least_ms: number): number {
  const at = MARGINS_MS.findIndex((margin_ms) => margin_ms >= least_ms);
  return at < 0 ? MARGINS_MS.length - 1 : at;
}

function overEach(of: Percentiles, one: (is: number, which: keyof Percentiles) => number): Percentiles {
  const at = (which: keyof Percentiles): number => one(of[which], which);
  return { p50: at('p50'), p90: at('p90'), p99: at('p99'), max: at('max') };
}

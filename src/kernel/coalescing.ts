/**
 * How long a turn is put off behind the last one. Pure: what came and how long a core is waited for in, a time out.
 *
 * Turns are coalesced as network cards do it with interrupts (ethtool -C, adaptive-rx): a wake-up costs more than a packet,
 * so while packets keep coming there is one turn in this time at most, sooner where many came in the turn before, and
 * soonest where somebody waits for them. Where promptness is asked for, that is so while the machine is busy; while a core is
 * free, wake-ups take nothing from anybody, and turns are put off for hardly any time.
 */
const USUAL_US = 2000;
const MANY = 64;
const MANY_US = 1000;
const HURRIED_US = 400;
/** While a core is free. */
const PROMPT_US = 100;
/** Who waits for a core comes no more often than in so many times that: others want the core. */
const WAITS = 20;
/** A longer wait counts at once, a shorter one by this share. */
const RELIEF = 1 / 4;

/** `crowded` as if the machine were busy, `prompt` as far as it is; or so many µs. */
export type Coalescing = 'crowded' | 'prompt' | number;

export class Intervals {
  /** For a core, as often as it is needed; smoothed. It is taken for busy until it is known. */
  #wait_us = Infinity;

  constructor(private readonly coalescing: Coalescing) {}

  get asksForWait(): boolean {
    return this.coalescing === 'prompt';
  }

  /** @param mean_us how long a core was waited for lately, each time; undefined where it is not known */
  waited(mean_us: number | undefined): void {
    if (mean_us === undefined) return;
    this.#wait_us =
      mean_us > this.#wait_us || this.#wait_us === Infinity
        ? mean_us
        : this.#wait_us + (mean_us - this.#wait_us) * RELIEF;
  }

  /**
   * @param came packets, in the turn before
   * @param isHurried whether somebody waits for what comes next
   * @returns µs from the end of that turn to the next
   */
  next_us(came: number, isHurried: boolean): number {
    const { coalescing } = this;
    if (typeof coalescing === 'number') return isHurried ? Math.min(coalescing, HURRIED_US) : coalescing;
    const crowded_us = isHurried ? HURRIED_US : came < MANY ? USUAL_US : MANY_US;
    if (coalescing === 'crowded') return crowded_us;
    return Math.min(crowded_us, Math.max(PROMPT_US, this.#wait_us * WAITS));
  }
}

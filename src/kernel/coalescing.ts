/**
 * How long a turn is put off behind the last one. Pure: what came, and how much of the machine is idle, in; a time out.
 *
 * Turns are coalesced as network cards do it with interrupts (ethtool -C, adaptive-rx): a wake-up costs more than a packet,
 * so while packets keep coming there is one turn in this time at most, sooner where many came in the turn before, and
 * soonest where somebody waits for them. Who wants to be prompt does not put turns off while a core is free, when
 * wake-ups take nothing from anybody.
 */
const USUAL_US = 2000;
const MANY = 64;
const MANY_US = 1000;
const HURRIED_US = 400;
/** While a core is idle: what comes while a turn is going on waits for its end anyway. */
const PROMPT_US = 0;
/** Idle cores: with less, all are busy, with more, one is free. In between turns are put off for a part of the time. */
const BUSY = 0.1;
const FREE = 0.35;
/** Of the last reading, in what is gone by: one of them alone says little. */
const NEWEST = 1 / 2;

/** `crowded` as if the machine were busy, `prompt` as far as it is; or at most so many µs. */
export type Coalescing = 'crowded' | 'prompt' | number;

export class Intervals {
  /** Smoothed; the machine is taken for busy until it is known. */
  #idle = 0;

  constructor(private readonly coalescing: Coalescing) {}

  /** Whether it matters how much of the machine is idle. */
  get isAdaptive(): boolean {
    return this.coalescing === 'prompt';
  }

  /** @param cores that were idle lately; undefined where that is not known */
  idle(cores: number | undefined): void {
    if (cores !== undefined) this.#idle += (cores - this.#idle) * NEWEST;
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
    const free = Math.min(1, Math.max(0, (this.#idle - BUSY) / (FREE - BUSY)));
    return crowded_us - (crowded_us - PROMPT_US) * free;
  }
}

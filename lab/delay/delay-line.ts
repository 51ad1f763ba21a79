/** Which packets wait, and for how long; all wait the same time, so that they go in the order in which they came. */

export interface DelayOptions {
  readonly delay_ms: number;
  /** The share of packets that do not wait, and so overtake those that do: 0 to 1. */
  readonly overtaking: number;
  /** @returns a number from 0 to 1, without the latter */
  readonly chance: () => number;
}

interface Waiting {
  readonly packet: number;
  readonly until_ms: number;
}

/** At so many gone packets the list is shortened. */
const GONE_MAX = 1024;

export class DelayLine {
  #waiting: Waiting[] = [];
  #gone = 0;

  constructor(private readonly options: DelayOptions) {}

  /** @param packet its identifier */
  enter(packet: number, now_ms: number): 'goes' | 'waits' {
    const { delay_ms, overtaking, chance } = this.options;
    if (overtaking > 0 && chance() < overtaking) return 'goes';
    this.#waiting.push({ packet, until_ms: now_ms + delay_ms });
    return 'waits';
  }

  /** Those whose time has come go. @returns the last of them, or undefined */
  leave(now_ms: number): number | undefined {
    let last: number | undefined;
    for (let next = this.#next; next && next.until_ms <= now_ms; next = this.#next) {
      last = next.packet;
      this.#gone += 1;
    }
    if (this.#gone > GONE_MAX) {
      this.#waiting = this.#waiting.slice(this.#gone);
      this.#gone = 0;
    }
    return last;
  }

  /** When the next is to go, or undefined. */
  get next_ms(): number | undefined {
    return this.#next?.until_ms;
  }

  get #next(): Waiting | undefined {
    return this.#waiting[this.#gone];
  }
}

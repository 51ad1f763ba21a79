/** When each packet of a capture is due: as far apart as it was captured, unless another speed or shorter silences are wanted. */

export interface PaceOptions {
  /** 2 is twice as fast as captured. */
  readonly speed: number;
  /** Longer silences, in time of the capture, become that long. */
  readonly silenceMax_ms: number;
}

/** A clock that was put back by more than this goes on from there; less is packets out of order. */
const SET_BACK_MS = 1000;

export class Pace {
  /** Time of the capture, without what was cut out of silences. */
  #position_ms = 0;
  #latest_ms: number | undefined;
  #startedAt_ms: number | undefined;

  constructor(private readonly options: PaceOptions) {}

  /** @param timestamp when the packet was captured, in seconds */
  advance(timestamp: number): void {
    const time_ms = timestamp * 1000;
    const latest_ms = this.#latest_ms ?? time_ms;
    const silence_ms = time_ms - latest_ms;
    if (silence_ms > 0) this.#position_ms += Math.min(silence_ms, this.options.silenceMax_ms);
    this.#latest_ms = silence_ms < -SET_BACK_MS ? time_ms : Math.max(latest_ms, time_ms);
  }

  /** When the packet that `advance` was told of is due. The first one is due at once, and starts the clock. */
  dueAt_ms(now_ms: number): number {
    this.#startedAt_ms ??= now_ms - this.#position_ms / this.options.speed;
    return this.#startedAt_ms + this.#position_ms / this.options.speed;
  }

  /** Time of the capture so far. */
  get position_ms(): number {
    return this.#position_ms;
  }

  /** Nothing could be played for so long: everything is due as much later. */
  paused(duration_ms: number): void {
    if (this.#startedAt_ms !== undefined) this.#startedAt_ms += duration_ms;
  }
}

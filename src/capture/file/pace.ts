/**
 * When each packet of a capture is due: as far apart as it was captured, unless another speed or shorter silences are wanted.
 *
 * Clocks of capturing machines are put forward and back, and single packets are stamped with any time. So several clocks may
 * stand in a capture, each so much before or behind the time that was played: a packet goes by the one that fits it.
 */

export interface PaceOptions {
  /** 2 is twice as fast as captured. */
  readonly speed: number;
  /** Longer silences, in time of the capture, become that long. */
  readonly silenceMax_ms: number;
}

/** Time goes forward; what is less than this behind is packets out of order. */
const OUT_OF_ORDER_MAX_MS = 1000;
/** Shorter steps are believed as they are. */
const JUMP_MIN_MS = 1000;
/** Nobody captured silence for longer. */
const SILENCE_BELIEVED_MAX_MS = 365 * 86_400_000;
const CLOCKS_MAX = 4;

/** A step forward that may be a silence, or a clock that was wrong. */
export interface Jump {
  readonly by_ms: number;
  /** Seconds: a later packet with a lower timestamp takes it back, as it undoes more than half of it. */
  readonly takenBackBelow: number;
}

export class Pace {
  /** What is played of the capture's time, without what was cut out of silences. */
  #position_ms = 0;
  /** What each clock that the capture has shown says more than `#position_ms`; the one that was right last comes first. */
  #clocks_ms: number[] = [];
  #startedAt_ms: number | undefined;
  #jump: Jump | undefined;
  /** How it was before the jump. */
  #before = { time_ms: 0, position_ms: 0, clocks_ms: [] as number[] };

  constructor(private readonly options: PaceOptions) {}

  /** @param timestamp when the packet was captured, in seconds; where that is not known it comes with the one before */
  advance(timestamp: number | undefined): void {
    this.#jump = undefined;
    if (timestamp === undefined) return;
    const time_ms = timestamp * 1000;
    // The common case makes no lists.
    const [clock_ms = NaN] = this.#clocks_ms;
    const step_ms = time_ms - clock_ms - this.#position_ms;
    if (this.#clocks_ms.length === 1 && step_ms >= -OUT_OF_ORDER_MAX_MS && step_ms <= JUMP_MIN_MS) {
      if (step_ms > 0) this.#step(step_ms);
    } else this.#advanceByAny(time_ms);
  }

  /** By the clock that it fits. */
  #advanceByAny(time_ms: number): void {
    const steps_ms = this.#clocks_ms.map((clock_ms) => time_ms - clock_ms - this.#position_ms);
    const fitting = clockFor(steps_ms);
    if (fitting === undefined) {
      this.#learn(time_ms);
      return;
    }
    const step_ms = steps_ms[fitting]!;
    const clock_ms = this.#clocks_ms[fitting]!;
    if (step_ms > JUMP_MIN_MS) {
      this.#before = { time_ms, position_ms: this.#position_ms, clocks_ms: [...this.#clocks_ms] };
      const takenBackBelow = (clock_ms + this.#position_ms + step_ms / 2) / 1000;
      this.#jump = { by_ms: step_ms, takenBackBelow };
    }
    this.#clocks_ms.splice(fitting, 1);
    this.#clocks_ms.unshift(clock_ms);
    if (step_ms > 0) this.#step(step_ms);
  }

  /** Of the packet that `advance` was told of, if it is one that is worth a doubt. */
  get jump(): Jump | undefined {
    return this.#jump;
  }

  /** Whether it is beyond belief, whatever follows. */
  get isAbsurd(): boolean {
    return this.#jump !== undefined && this.#jump.by_ms > SILENCE_BELIEVED_MAX_MS;
  }

  /** The jump was no silence: its packet is due with the one before. */
  takeBack(): void {
    const { time_ms, position_ms, clocks_ms } = this.#before;
    this.#jump = undefined;
    this.#position_ms = position_ms;
    this.#clocks_ms = clocks_ms;
    this.#learn(time_ms);
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

  /** What is cut out of a silence no clock shows any more. */
  #step(step_ms: number): void {
    const kept_ms = Math.min(step_ms, this.options.silenceMax_ms);
    this.#position_ms += kept_ms;
    if (kept_ms < step_ms) this.#clocks_ms = this.#clocks_ms.map((clock_ms) => clock_ms + step_ms - kept_ms);
  }

  /** Another clock, which says this now. */
  #learn(time_ms: number): void {
    this.#clocks_ms.unshift(time_ms - this.#position_ms);
    this.#clocks_ms.length = Math.min(this.#clocks_ms.length, CLOCKS_MAX);
  }
}

/** The clock by which hardly any time has passed, or else the least; undefined where it would have gone back by all. */
function clockFor(steps_ms: readonly number[]): number | undefined {
  let best: number | undefined;
  for (const [place, step_ms] of steps_ms.entries()) {
    if (step_ms < -OUT_OF_ORDER_MAX_MS) continue;
    if (best === undefined || Math.abs(step_ms) < Math.abs(steps_ms[best]!)) best = place;
  }
  return best;
}

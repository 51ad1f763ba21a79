/**
 * How many buckets of connections there is room for: what keeps the kernel's queue from overflowing, and leaves out no more
 * than that takes. Pure: readings in, a number out.
 *
 * A queue that fills takes up what comes in bursts. Only when a good part of it is full, room is cut, to what could be read
 * of all that came, less what has to be caught up. Once nothing waits any more, room grows again: at once to near what could
 * be read, from there in steps that double as long as all goes well. While something waits all the time, and ever more, a
 * bucket is closed now and then: so room comes to rest where the queue just stays short.
 */

/** How full the queue is when room is cut, and at each further step of fullness it is cut again. */
const CUT_FILL = 1 / 8;
const CUT_AGAIN_FILL = 1 / 16;
/** There is no time to try what is enough: room is cut to a half at least. */
const FULL_FILL = 5 / 8;
/** Less than this waits while all is well: little more than a turn finds. */
const SHORT_FILL = 1 / 64;
/** What waits is caught up without help as long as it is less. */
const LONG_FILL = 1 / 32;
/** Cuts take hold in this time: what is under way of connections that are copied still comes. */
const CUT_EVERY_MS = 100;
const CUT_FULL_EVERY_MS = 10;
/** In this time, what waits at a cut is to be caught up; but half of what can be read is copied meanwhile. */
const CATCH_UP_MS = 2000;
const CATCH_UP_SHARE = 1 / 2;
/** Nothing was left out for so long: it is over. */
export const CALM_MS = 10_000;
const STEP_MS = 250;
/** Where a bucket more was too much, that is not tried again at once. */
const REST_MS = 750;
/** Steps of one size. */
const STEPS_ALIKE = 4;
const STEP_MAX_BUCKETS = 16;
/** Of what could be read, room is given at once. */
const READABLE_SHARE = 0.9;
/** In a longer time without a reading this program was stopped: that does not say how fast it reads. */
const GAP_MAX_MS = 200;
/** How fast it reads is not known before. */
const KNOWN_AFTER_MS = 50;

/** How it stands with the kernel's queue; totals only ever grow. */
export interface LoadReading {
  readonly now_ms: number;
  /** How much of its room is taken, 0 to 1. */
  readonly fill: number;
  /** Packets that found room in it, and those that were read from it. */
  readonly came: number;
  readonly read: number;
}

/** Nothing waits. */
export const emptyQueue = (read: number, now_ms: number): LoadReading => ({
  now_ms,
  fill: 0,
  came: read,
  read,
});

export class LoadControl {
  #room: number;
  /** The last reading at which little waited, or at which room was cut: rates are counted from it. */
  #since: LoadReading | undefined;
  /** Since then, without the time in which this program was stopped. */
  #reading_ms = 0;
  #last_ms = 0;
  #cutAt_ms = -Infinity;
  #leftOutAt_ms = -Infinity;
  /** At this fullness room is cut next. */
  #cutAtFill = CUT_FILL;
  /** Buckets of which all could be read, by the last cut. */
  #readable = 0;
  #stepAt_ms = -Infinity;
  #growsAt_ms = -Infinity;
  #stepFill = 0;
  #steps = 0;

  /** @param wanted buckets that are copied while there is room for all */
  constructor(private wanted: number) {
    this.#room = wanted;
  }

  /** @param wanted as from now on; of more, none is left out before it is seen that there is no room */
  want(wanted: number): void {
    const isEnough = this.#room >= this.wanted;
    this.wanted = wanted;
    this.#room = isEnough ? wanted : Math.min(this.#room, wanted);
  }

  get room(): number {
    return this.#room;
  }

  /** To be told often, at each turn that reads packets and a few times a second. @returns buckets that there is room for */
  attend(reading: LoadReading): number {
    const { fill, now_ms } = reading;
    if (!this.#since || fill < SHORT_FILL) {
      this.#countFrom(reading);
      this.#cutAtFill = CUT_FILL;
    }
    const gap_ms = now_ms - this.#last_ms;
    if (gap_ms <= GAP_MAX_MS) this.#reading_ms += gap_ms;
    this.#last_ms = now_ms;
    const cutEvery_ms = fill < FULL_FILL ? CUT_EVERY_MS : CUT_FULL_EVERY_MS;
    if (fill >= this.#cutAtFill && now_ms - this.#cutAt_ms >= cutEvery_ms) this.#cut(reading, this.#since!);
    else if (this.#isBusy(now_ms) && now_ms - this.#stepAt_ms >= STEP_MS) this.#step(reading);
    if (this.#room < this.wanted) this.#leftOutAt_ms = now_ms;
    return this.#room;
  }

  #isBusy(now_ms: number): boolean {
    return now_ms - this.#leftOutAt_ms < CALM_MS;
  }

  #countFrom(reading: LoadReading): void {
    this.#since = reading;
    this.#reading_ms = 0;
    this.#last_ms = reading.now_ms;
  }

  #cut(reading: LoadReading, since: LoadReading): void {
    const passed_ms = Math.max(1, reading.now_ms - since.now_ms);
    const come_perMs = Math.max(1, reading.came - since.came) / passed_ms;
    const known = this.#reading_ms >= KNOWN_AFTER_MS;
    const read_perMs = known ? (reading.read - since.read) / this.#reading_ms : come_perMs;
    const behind_perMs = (reading.came - reading.read) / CATCH_UP_MS;
    const copied_perMs = Math.max(read_perMs - behind_perMs, read_perMs * CATCH_UP_SHARE);
    const share = Math.min(copied_perMs / come_perMs, reading.fill < FULL_FILL ? 1 : 1 / 2);
    if (this.#room > 0) this.#readable = this.#room * Math.min(1, read_perMs / come_perMs);
    this.#room = Math.max(0, Math.min(this.#room - 1, Math.floor(this.#room * share)));
    this.#cutAt_ms = reading.now_ms;
    this.#cutAtFill = reading.fill + CUT_AGAIN_FILL;
    this.#countFrom(reading);
    this.#rest(reading);
  }

  #step(reading: LoadReading): void {
    if (reading.fill < SHORT_FILL) {
      if (reading.now_ms >= this.#growsAt_ms) this.#grow(reading);
    } else {
      if (reading.fill > Math.max(this.#stepFill, LONG_FILL)) {
        this.#room = Math.max(0, this.#room - 1);
        this.#readable = this.#room;
        this.#growsAt_ms = reading.now_ms + REST_MS;
      }
      this.#rest(reading);
    }
  }

  #grow({ now_ms, fill }: LoadReading): void {
    const step = Math.min(STEP_MAX_BUCKETS, 2 ** Math.floor(this.#steps / STEPS_ALIKE));
    const near = Math.floor(this.#readable * READABLE_SHARE);
    this.#room = Math.min(this.wanted, Math.max(this.#room + step, near));
    this.#steps += 1;
    this.#stepAt_ms = now_ms;
    this.#stepFill = fill;
  }

  /** Room stays as it is for a while, and then grows in small steps first. */
  #rest({ now_ms, fill }: LoadReading): void {
    this.#stepAt_ms = now_ms;
    this.#stepFill = fill;
    this.#steps = 0;
  }
}

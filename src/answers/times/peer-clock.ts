/**
 * How another machine's clock stands to ours, by what was said between the two: it cannot have heard a question before that was
 * asked, nor have said before now what is heard now. The quickest of each way in a while bound it from both sides, as the quickest
 * round trip does in NTP (RFC 5905, section 10); the error is half of what lies between.
 */

/** So long what was said counts, and up to twice as long. */
const WINDOW_MS = 5000;
/** Two clocks part by so much of the time that passes, as NTP takes it for granted (PHI). */
const DRIFT = 15e-6;
/** Of so many questions it is known when they were asked. */
const QUESTIONS = 16;

export interface ClockReading {
  /** Our clock less the other one. */
  readonly ahead_ms: number;
  /** `ahead_ms` is wrong by this at most. */
  readonly error_ms: number;
}

/** What the difference was bounded by in one part of the time. */
interface Bounds {
  atLeast_ms: number;
  atLeastSince_ms: number;
  atMost_ms: number;
  atMostSince_ms: number;
}

const unbounded = (): Bounds => ({
  atLeast_ms: -Infinity,
  atLeastSince_ms: 0,
  atMost_ms: Infinity,
  atMostSince_ms: 0,
});

export class PeerClock {
  readonly #numbers = new Float64Array(QUESTIONS).fill(-1);
  readonly #askedAt_ms = new Float64Array(QUESTIONS);
  #bounds = unbounded();
  #before = unbounded();
  #since_ms = -Infinity;

  /** Another one speaks from now on. */
  reset(): void {
    this.#bounds = unbounded();
    this.#before = unbounded();
  }

  /** A question is on its way. */
  asked(number: number, now_ms: number): void {
    this.#numbers[number % QUESTIONS] = number;
    this.#askedAt_ms[number % QUESTIONS] = now_ms;
  }

  /**
   * Something was heard.
   *
   * @param number of the last question that the other one had heard
   * @param heard_ms when it had, by its clock
   * @param said_ms when it said this, by its clock
   */
  heard(number: number, heard_ms: number, said_ms: number, now_ms: number): void {
    if (now_ms - this.#since_ms >= WINDOW_MS) {
      this.#before = now_ms - this.#since_ms < 2 * WINDOW_MS ? this.#bounds : unbounded();
      this.#bounds = unbounded();
      this.#since_ms = now_ms;
    }
    const bounds = this.#bounds;
    const askedAt_ms = this.#askedAt_ms[number % QUESTIONS]!;
    if (this.#numbers[number % QUESTIONS] === number && now_ms - askedAt_ms < WINDOW_MS) {
      const atLeast_ms = askedAt_ms - heard_ms;
      if (atLeast_ms > bounds.atLeast_ms - DRIFT * (now_ms - bounds.atLeastSince_ms)) {
        bounds.atLeast_ms = atLeast_ms;
        bounds.atLeastSince_ms = now_ms;
      }
    }
    const atMost_ms = now_ms - said_ms;
    if (atMost_ms < bounds.atMost_ms + DRIFT * (now_ms - bounds.atMostSince_ms)) {
      bounds.atMost_ms = atMost_ms;
      bounds.atMostSince_ms = now_ms;
    }
  }

  /** Undefined before something was heard of both ways. */
  reading(now_ms: number): ClockReading | undefined {
    const [now, before] = [this.#bounds, this.#before];
    const atLeast_ms = Math.max(lowest(now, now_ms), lowest(before, now_ms));
    const atMost_ms = Math.min(highest(now, now_ms), highest(before, now_ms));
    if (atLeast_ms === -Infinity || atMost_ms === Infinity) return undefined;
    // Clocks that part faster have bounds that do not fit: what lies between is then what is not known.
    return { ahead_ms: (atLeast_ms + atMost_ms) / 2, error_ms: Math.abs(atMost_ms - atLeast_ms) / 2 };
  }
}

const lowest = ({ atLeast_ms, atLeastSince_ms }: Bounds, now_ms: number): number =>
  atLeast_ms - DRIFT * (now_ms - atLeastSince_ms);

const highest = ({ atMost_ms, atMostSince_ms }: Bounds, now_ms: number): number =>
  atMost_ms + DRIFT * (now_ms - atMostSince_ms);

/** What all of them are known to, to the microsecond; undefined while one is not. */
export function worstError_ms(clocks: Iterable<PeerClock>, now_ms: number): number | undefined {
  const errors = Array.from(clocks, (clock) => clock.reading(now_ms)?.error_ms ?? Infinity);
  const worst_ms = Math.max(...errors);
  return worst_ms === Infinity ? undefined : Math.round(worst_ms * 1000) / 1000;
}

/**
 * For which of what intercept says somebody waits, so that it is worth a turn of its own, and when intercept itself is to look at
 * replies more often. All other replies bring about an acknowledgment at most. No clock of its own.
 */

/** How often intercepts are asked to hurry; their haste lasts for twice as long. */
const HURRY_EVERY_MS = 100;
/** How long replies are waited for behind a connection's beginning: words follow its handshake. */
const BEGINNING_MS = 200;
/** How long what answers a question is waited for: intercept's clock is known as well as that is heard at once. */
const ANSWER_MS = 10;
/** More than a connection begins with (RFC 6928) is under way: windows are waited for. */
const UNDER_WAY_BYTES = 10 * 1460;

export class Haste {
  #hurriedAt_ms = -Infinity;
  #awaitedUntil_ms = -Infinity;

  constructor(private readonly intercepts: { hurry(): void }) {}

  /** What they look at more often they know the time of the better. @returns whether they were not asked for that lately */
  hurryIntercepts(now_ms: number): boolean {
    if (now_ms - this.#hurriedAt_ms < HURRY_EVERY_MS) return false;
    this.#hurriedAt_ms = now_ms;
    this.intercepts.hurry();
    return true;
  }

  /** A copy begins a connection. */
  begins(now_ms: number): void {
    this.#await(BEGINNING_MS, now_ms);
  }

  /** Intercepts are asked whether the guard stands. */
  asks(now_ms: number): void {
    this.#await(ANSWER_MS, now_ms);
  }

  /**
   * Whether something is to be sent as soon as intercepts say something.
   *
   * @param isArmed whether the guard lets copies say anything
   * @param held_bytes what clients said and the test servers have not acknowledged yet
   */
  isAwaited(now_ms: number, isArmed: boolean, held_bytes: number): boolean {
    return !isArmed || now_ms < this.#awaitedUntil_ms || held_bytes > UNDER_WAY_BYTES;
  }

  #await(for_ms: number, now_ms: number): void {
    this.#awaitedUntil_ms = Math.max(this.#awaitedUntil_ms, now_ms + for_ms);
  }
}

/**
 * How many connections are asked of a test server that refuses them: back-off for all copies of a transfer together, so that
 * one that is down, or restarts, is not run over, and that all begin soon when it is back.
 */

/** Connections in a row that ended without a request that was acknowledged, from which on the test server is given time. */
const FAILURES_MIN = 2;
const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 5000;
/** Handshakes under way meanwhile. */
const UNDER_WAY_MAX = 64;

export class Handshakes<S> {
  #failures = 0;
  #backOff_ms = 0;
  #until_ms = -Infinity;
  #underWay = 0;
  /** Who had to wait, in the order in which they came. */
  readonly #waiting = new Set<S>();

  /** @param start begins the handshake of one that had to wait, by `begin` */
  constructor(private readonly start: (session: S) => void) {}

  /** The last connection failed: the next may do so as well. */
  get isInDoubt(): boolean {
    return this.#failures > 0;
  }

  /** @returns whether a handshake may begin now; else the session is kept, and started later */
  mayBegin(session: S, now_ms: number): boolean {
    if (this.#failures < FAILURES_MIN || (now_ms >= this.#until_ms && this.#underWay < UNDER_WAY_MAX)) {
      this.#waiting.delete(session);
      this.#underWay += 1;
      return true;
    }
    this.#waiting.add(session);
    return false;
  }

  /** One that was under way is through, or has failed. */
  over(): void {
    this.#underWay -= 1;
  }

  /** One that had to wait will not begin any more. */
  leave(session: S): void {
    this.#waiting.delete(session);
  }

  /** The test server has acknowledged a request. */
  succeeded(now_ms: number): void {
    if (this.#failures === 0) return;
    this.#failures = this.#backOff_ms = 0;
    this.#until_ms = -Infinity;
    this.tick(now_ms);
  }

  /** The test server has ended a connection, or refused it, and no request was acknowledged on it. */
  failed(now_ms: number): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_MIN || now_ms < this.#until_ms) return;
    this.#backOff_ms = Math.min(Math.max(this.#backOff_ms * 2, BACK_OFF_MIN_MS), BACK_OFF_MAX_MS);
    this.#until_ms = now_ms + this.#backOff_ms;
  }

  /** When `tick` has something to do at the earliest, or Infinity. */
  next_ms(): number {
    return this.#waiting.size > 0 && this.#mayMore() ? this.#until_ms : Infinity;
  }

  /** Starts those whose time has come. */
  tick(now_ms: number): void {
    if (now_ms < this.#until_ms) return;
    for (const session of this.#waiting) {
      if (!this.#mayMore()) return;
      this.#waiting.delete(session);
      this.start(session);
    }
  }

  #mayMore(): boolean {
    return this.#failures < FAILURES_MIN || this.#underWay < UNDER_WAY_MAX;
  }
}

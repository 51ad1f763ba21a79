/**
 * For how long one kind of silence of a test server is waited through before a client's next words go out all the same.
 *
 * Nothing tells an answer that is still to come from one that never will, so a wait is a guess. It is paid from a credit: a
 * wait in vain costs its time, and what is spent comes back only with evidence that waiting pays, and then at most so
 * much for each request that was said since. So a change of the test server's behaviour costs one credit, and where
 * kinds of answers alternate, each request costs no more than its share.
 *
 * Waits at the same time count once: what one of them has found out ends the others.
 */

export const CREDIT_MAX_MS = 250;
/** The longest wait while nothing was learned. */
export const SINGLE_MAX_MS = 200;
export const SHARE_OF_REQUEST_MS = 20;
/** What was learned is waited for half as long again, and for a moment. */
const SAFETY = 1.5;
/** What is learned fades, so that a rare exception is not waited for for ever. */
const FADES_BY = 0.998;
const FADES_IN_VAIN_BY = 0.5;

export interface PatienceOptions {
  /** The longest wait for what was learned. */
  readonly learnedMax_ms: number;
  /** Added to what was learned: what else can be late for a moment. */
  readonly grace_ms: number;
}

export class Patience {
  #credit_ms = CREDIT_MAX_MS;
  /** Requests that had been said when the credit was refilled last. */
  #refilledAt = 0;
  /** The credit was spent once: from then on only what was learned is waited for. */
  #isExplored = false;
  /** The longest silence so far behind which something came. */
  #learned_ms = 0;
  #vainUntil_ms = -Infinity;

  constructor(private readonly options: PatienceOptions) {}

  /** How long a silence may be waited through now. @param known what is known from elsewhere to be worth waiting for */
  allowance_ms(known_ms = 0): number {
    if (this.#credit_ms <= 0) return 0;
    const { learnedMax_ms, grace_ms } = this.options;
    const learned_ms =
      this.#learned_ms > 0 ? Math.min(this.#learned_ms * SAFETY + grace_ms, learnedMax_ms) : 0;
    const unknown_ms = this.#isExplored ? 0 : Math.min(SINGLE_MAX_MS, this.#credit_ms);
    return Math.max(learned_ms, unknown_ms, known_ms);
  }

  /** Behind a silence of so long there came something: waiting pays. @param said requests so far */
  paid(silence_ms: number, said: number): void {
    const faded_ms = this.#learned_ms * FADES_BY;
    this.#learned_ms = silence_ms > faded_ms ? silence_ms : faded_ms;
    const earned_ms = (said - this.#refilledAt) * SHARE_OF_REQUEST_MS;
    this.#credit_ms = Math.min(this.#credit_ms + Math.min(earned_ms, CREDIT_MAX_MS), CREDIT_MAX_MS);
    this.#refilledAt = said;
  }

  /** Words waited since then, and nothing came. @returns whether this was not known by another wait of the same time */
  vain(since_ms: number, now_ms: number): boolean {
    const cost_ms = now_ms - Math.max(since_ms, this.#vainUntil_ms);
    if (cost_ms <= 0) return false;
    this.#vainUntil_ms = now_ms;
    this.#credit_ms -= cost_ms;
    this.#learned_ms *= FADES_IN_VAIN_BY;
    if (this.#credit_ms <= 0) this.#isExplored = true;
    return true;
  }
}

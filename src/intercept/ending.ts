/** The end of the guard in order: nothing that it was for is left on the test server. No clock of its own. */
import { SILENCE_MAX_MS } from '../guard/watch';
import type { Route } from '../wire/reply';
import type { Copying, Orphans } from './orphans';

/** Longer than anything is under way between tcpcopy, the test server and here. */
const UNDER_WAY_MAX_MS = 200;
/**
 * A tcpcopy that has not heard of the end still sends for as long as it relies on what it heard before, and registers
 * routes. Nobody can know of what is under way, so that this much time is always taken. Then each tcpcopy has reset its
 * own connections, and whatever it still holds is buried.
 */
export const PARTING_MS = SILENCE_MAX_MS + UNDER_WAY_MAX_MS;
export const BURIAL_MAX_MS = 10_000;

export type Stage =
  /** Connections come to their end by themselves. */
  | 'parting'
  | 'burying'
  /** No copied connection is left. */
  | 'over'
  /** To wait any longer would help nobody. */
  | 'given-up';

export class Ending<Peer extends Copying> {
  readonly #unansweredBefore: number;
  #isSeen = false;

  constructor(
    private readonly orphans: Orphans<Peer>,
    private readonly begun_ms: number,
  ) {
    this.#unansweredBefore = orphans.unanswered;
  }

  /** Connections that are left, as far as is known: those that nobody answered for may be, unless it can be seen. */
  get left(): number {
    const unanswered = this.#isSeen ? 0 : this.orphans.unanswered - this.#unansweredBefore;
    return this.orphans.size + unanswered;
  }

  /**
   * To be asked again and again.
   *
   * @param peers all that are connected now
   * @param connections all that are left on the test server; undefined when it cannot be seen
   */
  look(peers: Iterable<Peer>, connections: () => readonly Route[] | undefined, now_ms: number): Stage {
    const { orphans } = this;
    const lasts_ms = now_ms - this.begun_ms;
    if (lasts_ms < PARTING_MS && orphans.copied.length > 0) return 'parting';
    // Each time: routes may have been registered since.
    orphans.forgetAll(peers, now_ms);
    const seen = connections();
    this.#isSeen = seen !== undefined;
    orphans.reconcile(seen, now_ms);
    if (this.left === 0) return 'over';
    return orphans.size > 0 && lasts_ms < BURIAL_MAX_MS ? 'burying' : 'given-up';
  }
}

/**
 * Who wants to be woken when. Those who want it soon stand in lists by the millisecond, all others in lists by the second; a list
 * is looked at only when its time has come, so that a session at rest costs nothing.
 *
 * A sleeper stands at most once among those of either kind. One that wants to sleep longer is left where it is and
 * moved when its old time comes, so that the usual case, a deadline that moves on with every packet, touches nothing.
 */
import { LateSleepers } from './late-sleepers';
import { SleeperRing } from './sleeper-ring';

/** What a sleeper begins with. */
export const SLEEPER = {
  /** When it wants to be woken; Infinity for never. The owner changes it and then calls `schedule`. */
  deadline_ms: Infinity,
  /** The queue's own: under which time it stands among those who are woken soon, Infinity when it does not, and its place there. */
  soonAt_ms: Infinity,
  soonPlace: -1,
  /** The queue's own: the second in whose list it stands, -1 when it stands in none, and its place there. */
  lateSecond: -1,
  latePlace: -1,
};
export type Sleeper = typeof SLEEPER;

/** Sleepers whose time comes within this are woken soon: fewer milliseconds than the ring has lists. */
const SOON_MS = 2000;

export class Deadlines<T extends Sleeper> {
  readonly #soon = new SleeperRing<T>();
  readonly #late = new LateSleepers<T>();
  /** As `due` was told last. */
  #now_ms = 0;

  schedule(sleeper: T): void {
    const { deadline_ms } = sleeper;
    if (deadline_ms < this.#now_ms + SOON_MS) this.#soon.schedule(sleeper);
    else if (deadline_ms !== Infinity) this.#late.schedule(sleeper);
  }

  /** The earliest time at which `due` may find somebody, or Infinity. */
  next_ms(): number {
    return Math.min(this.#soon.next_ms(), this.#late.next_ms());
  }

  /** Takes out the next sleeper whose deadline has come; its owner sets a new one and calls `schedule`. */
  due(now_ms: number): T | undefined {
    this.#now_ms = now_ms;
    while (this.#late.next_ms() <= now_ms) {
      for (const sleeper of this.#late.takeFirst()) this.schedule(sleeper);
    }
    for (;;) {
      const top = this.#soon.takeUntil(now_ms);
      if (!top || top.deadline_ms <= now_ms) return top;
      this.schedule(top);
    }
  }

  remove(sleeper: T): void {
    this.#soon.remove(sleeper);
    this.#late.remove(sleeper);
  }
}

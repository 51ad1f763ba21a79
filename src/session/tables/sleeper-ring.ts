/**
 * Sleepers whose time is near, by the millisecond: a list each, in a ring. Nothing is put in order, so that it takes the same time
 * however many sleep, and no sleeper is visited for the sake of another one.
 */

/** A power of two; all times lie within so many milliseconds of the one that was looked at last. */
const LISTS = 2048;
/** Of who was taken out of a list to be woken. */
const NO_PLACE = -1;

interface InRing {
  readonly deadline_ms: number;
  /** The ring's own: the time that it stands under, Infinity when it does not stand there; and its place in that list. */
  soonAt_ms: number;
  soonPlace: number;
}

/** A place in it stays what it is; whoever leaves, leaves a gap. */
class Entries<T> {
  readonly sleepers: (T | undefined)[] = [];
  readonly times_ms: number[] = [];

  get isEmpty(): boolean {
    return this.times_ms.length === 0;
  }

  /** @returns its place */
  add(sleeper: T, time_ms: number): number {
    this.sleepers.push(sleeper);
    return this.times_ms.push(time_ms) - 1;
  }

  remove(place: number): void {
    this.sleepers[place] = undefined;
    this.times_ms[place] = Infinity;
    while (this.times_ms.at(-1) === Infinity) {
      this.sleepers.pop();
      this.times_ms.pop();
    }
  }

  /** Infinity when there is none. */
  earliest_ms(): number {
    let earliest_ms = Infinity;
    for (const time_ms of this.times_ms) if (time_ms < earliest_ms) earliest_ms = time_ms;
    return earliest_ms;
  }
}

export class SleeperRing<T extends InRing> {
  readonly #lists = Array.from({ length: LISTS }, () => new Entries<T>());
  /** In all lists. */
  #count = 0;
  /** The millisecond that was looked at last: no list before it has anything. */
  #at = 0;
  /** No entry of any list is earlier. */
  #next_ms = Infinity;
  /** Their time has come, and they are given out one by one. */
  readonly #due = new Entries<T>();

  /** Puts a sleeper in, or moves it up; one that wants to sleep longer stays where it is. */
  schedule(sleeper: T): void {
    if (sleeper.deadline_ms >= sleeper.soonAt_ms) return;
    this.remove(sleeper);
    const time_ms = Math.max(sleeper.deadline_ms, this.#at);
    sleeper.soonAt_ms = time_ms;
    sleeper.soonPlace = this.#listAt(time_ms).add(sleeper, time_ms);
    this.#count += 1;
    if (time_ms < this.#next_ms) this.#next_ms = time_ms;
  }

  /** Nobody stands under an earlier time; Infinity when it is empty. */
  next_ms(): number {
    return this.#due.isEmpty ? this.#next_ms : -Infinity;
  }

  /** Takes out one that stands under a time up to `now_ms`; its deadline may be later by now. */
  takeUntil(now_ms: number): T | undefined {
    const { sleepers, times_ms } = this.#due;
    for (;;) {
      while (times_ms.length > 0) {
        const sleeper = sleepers.pop()!;
        const time_ms = times_ms.pop();
        // It may have been taken out since, and put in again.
        if (sleeper.soonPlace !== NO_PLACE || sleeper.soonAt_ms !== time_ms) continue;
        sleeper.soonAt_ms = Infinity;
        return sleeper;
      }
      if (this.#next_ms > now_ms) break;
      this.#collect(now_ms);
    }
    this.#at = Math.max(this.#at, Math.floor(now_ms));
    return undefined;
  }

  remove(sleeper: T): void {
    const { soonAt_ms, soonPlace } = sleeper;
    if (soonAt_ms === Infinity) return;
    sleeper.soonAt_ms = Infinity;
    if (soonPlace === NO_PLACE) return;
    this.#listAt(soonAt_ms).remove(soonPlace);
    this.#count -= 1;
    if (this.#count === 0) this.#next_ms = Infinity;
  }

  #listAt(time_ms: number): Entries<T> {
    return this.#lists[Math.floor(time_ms) % LISTS]!;
  }

  /** All whose time has come are due. */
  #collect(now_ms: number): void {
    const until = Math.floor(now_ms);
    while (this.#count > 0) {
      this.#collectFrom(this.#listAt(this.#at), now_ms);
      if (this.#at >= until) break;
      this.#at += 1;
    }
    this.#at = Math.max(this.#at, until);
    this.#next_ms = this.#earliest_ms();
  }

  #collectFrom({ sleepers, times_ms }: Entries<T>, now_ms: number): void {
    let left = 0;
    for (let place = 0; place < times_ms.length; place += 1) {
      const time_ms = times_ms[place]!;
      if (time_ms === Infinity) continue;
      if (time_ms > now_ms) {
        left += 1;
        continue;
      }
      const sleeper = sleepers[place]!;
      sleepers[place] = undefined;
      times_ms[place] = Infinity;
      sleeper.soonPlace = NO_PLACE;
      this.#due.add(sleeper, time_ms);
      this.#count -= 1;
    }
    if (left === 0) sleepers.length = times_ms.length = 0;
  }

  #earliest_ms(): number {
    if (this.#count === 0) return Infinity;
    for (let millisecond = this.#at; ; millisecond += 1) {
      const earliest_ms = this.#listAt(millisecond).earliest_ms();
      if (earliest_ms < Infinity) return earliest_ms;
    }
  }
}

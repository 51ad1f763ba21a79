/** Sleepers whose time is far off, by the second: a list each, in no order. */

const SECOND_MS = 1000;

interface InList {
  readonly deadline_ms: number;
  /** The lists' own: the second, -1 when it stands in none, and the place in that list. */
  lateSecond: number;
  latePlace: number;
}

export class LateSleepers<T extends InList> {
  readonly #lists = new Map<number, T[]>();
  #first = Infinity;

  /** Puts a sleeper in, or moves it to an earlier second; one that wants to sleep longer stays where it is. */
  schedule(sleeper: T): void {
    const second = Math.floor(sleeper.deadline_ms / SECOND_MS);
    if (sleeper.lateSecond >= 0) {
      if (sleeper.lateSecond <= second) return;
      this.remove(sleeper);
    }
    let list = this.#lists.get(second);
    if (!list) {
      this.#lists.set(second, (list = []));
      this.#first = Math.min(this.#first, second);
    }
    sleeper.lateSecond = second;
    sleeper.latePlace = list.length;
    list.push(sleeper);
  }

  /** When the first second begins that has a list, or Infinity. */
  next_ms(): number {
    return this.#first * SECOND_MS;
  }

  /** Takes out all of the first second; some may want to sleep longer by now. */
  takeFirst(): readonly T[] {
    const list = this.#lists.get(this.#first) ?? [];
    this.#forget(this.#first);
    for (const sleeper of list) sleeper.lateSecond = -1;
    return list;
  }

  remove(sleeper: T): void {
    const { lateSecond, latePlace } = sleeper;
    if (lateSecond < 0) return;
    sleeper.lateSecond = -1;
    const list = this.#lists.get(lateSecond)!;
    const last = list.pop()!;
    if (last !== sleeper) {
      list[latePlace] = last;
      last.latePlace = latePlace;
    }
    if (list.length === 0) this.#forget(lateSecond);
  }

  #forget(second: number): void {
    this.#lists.delete(second);
    if (second !== this.#first) return;
    this.#first = Infinity;
    for (const other of this.#lists.keys()) this.#first = Math.min(this.#first, other);
  }
}

/** A binary heap of sleepers, the earliest on top. The times stand beside it, so that no sleeper is visited to compare. */

interface InHeap {
  readonly deadline_ms: number;
  /** The heap's own: its place, -1 when it is not there. */
  heapPlace: number;
}

export class SleeperHeap<T extends InHeap> {
  readonly #heap: T[] = [];
  /** Under which each stands: its deadline when it was put there, or an earlier one. */
  readonly #times_ms: number[] = [];

  /** Puts a sleeper in, or moves it up; one that wants to sleep longer stays where it is. */
  schedule(sleeper: T): void {
    const place = sleeper.heapPlace;
    const { deadline_ms } = sleeper;
    if (place >= 0 && deadline_ms >= this.#times_ms[place]!) return;
    this.#up(place >= 0 ? place : this.#heap.length, sleeper, deadline_ms);
  }

  /** Infinity when it is empty. */
  next_ms(): number {
    return this.#times_ms[0] ?? Infinity;
  }

  /** Takes out the first one that stands under a time up to `now_ms`; its deadline may be later by now. */
  takeUntil(now_ms: number): T | undefined {
    if (this.next_ms() > now_ms) return undefined;
    const top = this.#heap[0]!;
    this.remove(top);
    return top;
  }

  remove(sleeper: T): void {
    const place = sleeper.heapPlace;
    if (place < 0) return;
    sleeper.heapPlace = -1;
    const last = this.#heap.pop()!;
    const last_ms = this.#times_ms.pop()!;
    if (last === sleeper) return;
    this.#down(place, last, last_ms);
    this.#up(last.heapPlace, last, last_ms);
  }

  #up(from: number, sleeper: T, time_ms: number): void {
    const times_ms = this.#times_ms;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (times_ms[parent]! <= time_ms) break;
      this.#set(at, this.#heap[parent]!, times_ms[parent]!);
      at = parent;
    }
    this.#set(at, sleeper, time_ms);
  }

  #down(from: number, sleeper: T, time_ms: number): void {
    const times_ms = this.#times_ms;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= times_ms.length) break;
      if (child + 1 < times_ms.length && times_ms[child + 1]! < times_ms[child]!) child += 1;
      if (times_ms[child]! >= time_ms) break;
      this.#set(at, this.#heap[child]!, times_ms[child]!);
      at = child;
    }
    this.#set(at, sleeper, time_ms);
  }

  #set(place: number, sleeper: T, time_ms: number): void {
    this.#heap[place] = sleeper;
    this.#times_ms[place] = time_ms;
    sleeper.heapPlace = place;
  }
}

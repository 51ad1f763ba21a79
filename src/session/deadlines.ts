/**
 * Who wants to be woken when: a binary heap that costs nothing while nothing is due.
 *
 * A sleeper stands in the heap at most once. One that wants to sleep longer is left where it is and moved when its old
 * time comes, so that the usual case, a deadline that moves on with every packet, touches nothing.
 */
export interface Sleeper {
  /** When it wants to be woken; Infinity for never. The owner changes it and then calls `schedule`. */
  deadline_ms: number;
  /** The queue's own: the time under which the sleeper stands in the heap. */
  queued_ms: number;
  /** The queue's own: its place in the heap, -1 when it is not there. */
  queuePlace: number;
}

export class Deadlines<T extends Sleeper> {
  #heap: T[] = [];

  schedule(sleeper: T): void {
    if (sleeper.queuePlace < 0) {
      if (sleeper.deadline_ms === Infinity) return;
      sleeper.queued_ms = sleeper.deadline_ms;
      this.#heap.push(sleeper);
      this.#up(this.#heap.length - 1, sleeper);
    } else if (sleeper.deadline_ms < sleeper.queued_ms) {
      sleeper.queued_ms = sleeper.deadline_ms;
      this.#up(sleeper.queuePlace, sleeper);
    }
  }

  /** The earliest time at which `due` may find somebody, or Infinity. */
  next_ms(): number {
    return this.#heap[0]?.queued_ms ?? Infinity;
  }

  /** Takes out the next sleeper whose deadline has come; its owner sets a new one and calls `schedule`. */
  due(now_ms: number): T | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (!top || top.queued_ms > now_ms) return undefined;
      this.remove(top);
      if (top.deadline_ms <= now_ms) return top;
      this.schedule(top);
    }
  }

  remove(sleeper: T): void {
    const place = sleeper.queuePlace;
    if (place < 0) return;
    sleeper.queuePlace = -1;
    const last = this.#heap.pop()!;
    if (last === sleeper) return;
    this.#down(place, last);
    this.#up(last.queuePlace, last);
  }

  #up(from: number, sleeper: T): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#heap[parent]!.queued_ms <= sleeper.queued_ms) break;
      this.#set(at, this.#heap[parent]!);
      at = parent;
    }
    this.#set(at, sleeper);
  }

  #down(from: number, sleeper: T): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.queued_ms < heap[child]!.queued_ms) child += 1;
      if (heap[child]!.queued_ms >= sleeper.queued_ms) break;
      this.#set(at, heap[child]!);
      at = child;
    }
    this.#set(at, sleeper);
  }

  #set(place: number, sleeper: T): void {
    this.#heap[place] = sleeper;
    sleeper.queuePlace = place;
  }
}

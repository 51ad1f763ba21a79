/** Simulated time: what happens when, in order; ties happen in the order in which they were planned. */
interface Plan {
  readonly at_ms: number;
  readonly order: number;
  readonly act: () => void;
}

export class Agenda {
  now_ms = 0;
  /** A binary heap. */
  readonly #planned: Plan[] = [];
  #order = 0;

  after(delay_ms: number, act: () => void): void {
    this.at(this.now_ms + delay_ms, act);
  }

  at(at_ms: number, act: () => void): void {
    const plan = { at_ms, order: this.#order++, act };
    const heap = this.#planned;
    let at = heap.push(plan) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && before(plan, heap[parent]!); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = plan;
  }

  /** Goes to the next event, not beyond `until_ms`; false when nothing is planned before it. */
  step(until_ms: number): boolean {
    const first = this.#planned[0];
    if (!first || first.at_ms > until_ms) return false;
    this.#removeFirst();
    this.now_ms = first.at_ms;
    first.act();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#planned;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const before = (a: Plan, b: Plan): boolean => a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.order < b.order);

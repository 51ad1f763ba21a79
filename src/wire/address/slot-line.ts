/** Numbers in a line: each stands in it once at most, and leaves it from wherever it stands. */
const NOBODY = -1;

export class SlotLine {
  #next: number[] = [];
  #before: number[] = [];
  #first = NOBODY;
  #last = NOBODY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Undefined where nobody waits. */
  get first(): number | undefined {
    return this.#first === NOBODY ? undefined : this.#first;
  }

  /** @param slot that does not stand in it */
  append(slot: number): void {
    this.#before[slot] = this.#last;
    this.#next[slot] = NOBODY;
    if (this.#last === NOBODY) this.#first = slot;
    else this.#next[this.#last] = slot;
    this.#last = slot;
    this.#length += 1;
  }

  /** @param slot that stands in it */
  remove(slot: number): void {
    const [before, next] = [this.#before[slot]!, this.#next[slot]!];
    if (before === NOBODY) this.#first = next;
    else this.#next[before] = next;
    if (next === NOBODY) this.#last = before;
    else this.#before[next] = before;
    this.#length -= 1;
  }
}

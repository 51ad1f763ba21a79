/**
 * How far the test server's response stream has come, known from headers only: the next offset expected, and the
 * ranges beyond it that came early.
 */

/** More separate holes than this are not remembered; the test server sends those bytes again. */
const EARLY_RANGES_MAX = 64;

interface Range {
  readonly from: number;
  readonly to: number;
}

export class ResponseStream {
  /** Data begins at offset 1, behind the SYN. */
  #next = 1;
  #early: Range[] = [];

  /** The offset to acknowledge. */
  get next(): number {
    return this.#next;
  }

  /** Bytes [from, to) came; a FIN counts as one. Returns false when they told nothing new or left a hole before them. */
  received(from: number, to: number): boolean {
    if (to <= this.#next) return false;
    if (from > this.#next) {
      this.#keep({ from, to });
      return false;
    }
    this.#next = to;
    this.#early = this.#early.filter((range) => {
      if (range.from > this.#next) return true;
      this.#next = Math.max(this.#next, range.to);
      return false;
    });
    return true;
  }

  #keep(range: Range): void {
    const at = this.#early.findIndex((other) => other.from > range.from);
    this.#early.splice(at < 0 ? this.#early.length : at, 0, range);
    if (this.#early.length > EARLY_RANGES_MAX) this.#early.pop();
  }
}

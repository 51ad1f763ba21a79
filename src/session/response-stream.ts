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

/** Shared by all that have no holes. */
const NONE: readonly Range[] = [];

export class ResponseStream {
  /** Data begins at offset 1, behind the SYN. */
  #next = 1;
  #early = NONE;

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
    if (this.#early.length === 0) return true;
    this.#early = this.#early.filter((range) => {
      if (range.from > this.#next) return true;
      this.#next = Math.max(this.#next, range.to);
      return false;
    });
    return true;
  }

  /** Ranges that touch become one, so that only holes count against the limit. */
  #keep(range: Range): void {
    let { from, to } = range;
    const apart = this.#early.filter((other) => {
      if (other.to < from || other.from > to) return true;
      from = Math.min(from, other.from);
      to = Math.max(to, other.to);
      return false;
    });
    const at = apart.findIndex((other) => other.from > from);
    apart.splice(at < 0 ? apart.length : at, 0, { from, to });
    if (apart.length > EARLY_RANGES_MAX) apart.pop();
    this.#early = apart;
  }
}

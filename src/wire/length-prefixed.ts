/** A stream that is cut by lengths: bytes as they come in, whole pieces out. Each piece has its length before it (u32, big-endian). */
import { readU32 } from './big-endian';

const LENGTH_BYTES = 4;

export class LengthPrefixed {
  /** Begins with the unfinished piece; grows by doubling, so that one in many small parts costs no more. */
  #kept = new Uint8Array(0);
  #kept_bytes = 0;

  /** @param check throws where no piece may have this length; so much is kept at most */
  constructor(private readonly check: (length: number) => void) {}

  /** @returns pieces without their lengths, borrowed until the next is asked for @throws what `check` throws; it is of no use then */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    const bytes = this.#kept_bytes === 0 ? chunk : this.#keep(chunk);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = readU32(bytes, at);
      this.check(length);
      if (bytes.length - at < LENGTH_BYTES + length) break;
      const from = at + LENGTH_BYTES;
      at = from + length;
      yield bytes.subarray(from, at);
    }
    if (at === 0 && bytes !== chunk) return; // all of it is kept already
    const rest = bytes.subarray(at);
    this.#kept_bytes = 0;
    if (rest.length > 0) this.#keep(rest);
  }

  /** Adds bytes behind those that are kept. @returns all that are kept now */
  #keep(more: Uint8Array): Uint8Array {
    const all_bytes = this.#kept_bytes + more.length;
    if (all_bytes > this.#kept.length) {
      const larger = new Uint8Array(Math.max(all_bytes, this.#kept.length * 2));
      larger.set(this.#kept.subarray(0, this.#kept_bytes));
      this.#kept = larger;
    }
    this.#kept.set(more, this.#kept_bytes);
    this.#kept_bytes = all_bytes;
    return this.#kept.subarray(0, all_bytes);
  }
}

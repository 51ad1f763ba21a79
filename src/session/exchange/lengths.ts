/** How much longer than the online server's a test server's answers are, at the longest of the last few hundred. */

/** Answers behind which the longest of them is forgotten, at the latest behind twice as many. */
const REMEMBERED = 256;

interface Longest {
  /** Over the online server's. */
  readonly times: number;
  /** More than the online server's. */
  readonly more_bytes: number;
}
const AS_LONG: Longest = { times: 1, more_bytes: 0 };

export class Lengths {
  #now = AS_LONG;
  #before = AS_LONG;
  /** Since the longest was last forgotten. */
  #answers = 0;

  /** An answer, and how long the online server's was. */
  add(bytes: number, expected_bytes: number): void {
    if (bytes > expected_bytes) this.#now = longer(this.#now, bytes, expected_bytes);
    this.#answers += 1;
    if (this.#answers < REMEMBERED) return;
    this.#before = this.#now;
    this.#now = AS_LONG;
    this.#answers = 0;
  }

  /** What is longer by a part of it, or by a few bytes, is so everywhere: the less of both. */
  longest_bytes(expected_bytes: number): number {
    const times = Math.max(this.#now.times, this.#before.times);
    const more_bytes = Math.max(this.#now.more_bytes, this.#before.more_bytes);
    return Math.min(Math.ceil(expected_bytes * times), expected_bytes + more_bytes);
  }
}

function longer({ times, more_bytes }: Longest, bytes: number, expected_bytes: number): Longest {
  return {
    times: Math.max(times, bytes / expected_bytes),
    more_bytes: Math.max(more_bytes, bytes - expected_bytes),
  };
}

/**
 * How a test server's answers are at the largest, of the last few hundred: how much longer than the online server's, and of how
 * many writes (PSH).
 */

/** Answers behind which the largest of them is forgotten, at the latest behind twice as many. */
const REMEMBERED = 256;

interface Largest {
  /** Over the online server's. */
  readonly times: number;
  /** More than the online server's. */
  readonly more_bytes: number;
  /** 0 while none was counted. */
  readonly writes: number;
}
const AS_LONG: Largest = { times: 1, more_bytes: 0, writes: 0 };

export class Lengths {
  #now = AS_LONG;
  #before = AS_LONG;
  /** Since the largest was last forgotten. */
  #answers = 0;

  /** What came for so many requests in a row, and how long the online server's answers to them were. */
  add(bytes: number, expected_bytes: number, requests = 1): void {
    if (bytes > expected_bytes) this.#now = longer(this.#now, bytes, expected_bytes, requests);
    this.#answers += 1;
    if (this.#answers < REMEMBERED) return;
    this.#before = this.#now;
    this.#now = AS_LONG;
    this.#answers = 0;
  }

  /** An answer ended so many writes. */
  addWrites(writes: number): void {
    if (writes > this.#now.writes) this.#now = { ...this.#now, writes };
  }

  /** How many writes an answer has at the most; undefined while that is not known. */
  get writesMax(): number | undefined {
    return Math.max(this.#now.writes, this.#before.writes) || undefined;
  }

  /** What is longer by a part of it, or by a few bytes an answer, is so everywhere: the less of both. */
  longest_bytes(expected_bytes: number, requests = 1): number {
    const times = Math.max(this.#now.times, this.#before.times);
    const more_bytes = Math.max(this.#now.more_bytes, this.#before.more_bytes);
    return Math.min(Math.ceil(expected_bytes * times), expected_bytes + more_bytes * requests);
  }
}

function longer(
  { times, more_bytes, writes }: Largest,
  bytes: number,
  expected_bytes: number,
  requests: number,
): Largest {
  return {
    times: Math.max(times, bytes / expected_bytes),
    more_bytes: Math.max(more_bytes, (bytes - expected_bytes) / requests),
    writes,
  };
}

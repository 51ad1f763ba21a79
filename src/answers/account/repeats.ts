/** The last answer to each request, as long as it is not too much: the same request answered twice shows what is noise. */
import { heldBytes, type Exchange } from '../reading/exchange';

const REQUESTS_MAX = 5000;
const HELD_BYTES_MAX = 64 * 1024 * 1024;

export class Repeats {
  /** By the request's digest; the one that was asked last stands last. */
  readonly #latest = new Map<string, Exchange>();
  #held_bytes = 0;

  /** @returns the answer to the same request before this one, if there is one */
  note(exchange: Exchange): Exchange | undefined {
    const before = this.#latest.get(exchange.digest);
    if (before) this.#drop(before);
    this.#latest.set(exchange.digest, exchange);
    this.#held_bytes += heldBytes(exchange);
    while (this.#latest.size > REQUESTS_MAX || this.#held_bytes > HELD_BYTES_MAX) {
      const oldest = this.#latest.values().next().value;
      if (!oldest) break;
      this.#drop(oldest);
    }
    return before;
  }

  #drop(exchange: Exchange): void {
    this.#latest.delete(exchange.digest);
    this.#held_bytes -= heldBytes(exchange);
  }
}

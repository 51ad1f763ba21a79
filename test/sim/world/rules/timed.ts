/** Whether a response time is one: it must lie between words that were sent to a client's test server and payload that came of it. */

/** Sums of fractions. */
const ROUNDING_MS = 1e-6;

interface Times {
  readonly sent_ms: number[];
  readonly payload_ms: number[];
}

export class Timed {
  readonly #byClient = new Map<number, Times>();

  /** Words went out. @param client the endpoint that they were sent from */
  sent(client: number, now_ms: number): void {
    this.#of(client).sent_ms.push(now_ms);
  }

  /** Payload of the test server was told. */
  answered(client: number, now_ms: number): void {
    this.#of(client).payload_ms.push(now_ms);
  }

  /** Both are counted from the same words. */
  isTrue(first_ms: number, last_ms: number): boolean {
    return [...this.#byClient.values()].some(({ sent_ms, payload_ms }) => {
      const came = (at_ms: number): boolean =>
        payload_ms.some((one_ms) => Math.abs(one_ms - at_ms) < ROUNDING_MS);
      return first_ms <= last_ms && sent_ms.some((from) => came(from + first_ms) && came(from + last_ms));
    });
  }

  #of(client: number): Times {
    const known = this.#byClient.get(client) ?? { sent_ms: [], payload_ms: [] };
    this.#byClient.set(client, known);
    return known;
  }
}

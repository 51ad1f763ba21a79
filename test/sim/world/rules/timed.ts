/** Whether a response time is one: it must lie between words that were sent to a client's test server and payload that this gave. */
import { endpointKey } from '../../../../src/wire/flow';
import type { Reply } from '../../../../src/wire/reply';
import { INTERCEPT_BEHIND_MS } from '../addresses';
import type { SegmentView } from '../../../../src/wire/segment';

/** Sums of fractions. */
const ROUNDING_MS = 1e-6;

interface Times {
  readonly sent_ms: number[];
  readonly payload_ms: number[];
}

export class Timed {
  readonly #byClient = new Map<number, Times>();

  constructor(private readonly complain: (problem: string) => void) {}

  /** A copy's segment went out. */
  sent({ source, sourcePort, payloadLength }: SegmentView, now_ms: number): void {
    if (payloadLength > 0) this.#of(source, sourcePort).sent_ms.push(now_ms);
  }

  replied(replies: readonly Reply[]): void {
    for (const { clientAddress, clientPort, payloadLength, at_ms } of replies)
      if (payloadLength > 0) this.#of(clientAddress, clientPort).payload_ms.push(at_ms + INTERCEPT_BEHIND_MS);
  }

  /** The engine tells how long an answer took. Both are counted from the same words. */
  told(first_ms: number, last_ms: number): void {
    const isTrue = [...this.#byClient.values()].some(({ sent_ms, payload_ms }) => {
      const came = (at_ms: number): boolean =>
        payload_ms.some((one_ms) => Math.abs(one_ms - at_ms) < ROUNDING_MS);
      return first_ms <= last_ms && sent_ms.some((from) => came(from + first_ms) && came(from + last_ms));
    });
    if (!isTrue) this.complain(`no answer took ${first_ms} and ${last_ms} ms`);
  }

  #of(address: number, port: number): Times {
    const client = endpointKey(address, port);
    const known = this.#byClient.get(client) ?? { sent_ms: [], payload_ms: [] };
    this.#byClient.set(client, known);
    return known;
  }
}

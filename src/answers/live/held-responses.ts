/** What the test server has answered and is not read yet, because what it had heard before it did is not here: in bounded memory. */
import type { SegmentView } from '../../wire/segment';

/** A segment of our own, with when it was seen. */
export interface HeldResponse {
  readonly segment: SegmentView;
  readonly time_s: number;
}

interface Waiting {
  readonly responses: HeldResponse[];
  held_bytes: number;
  /** Since which expiry. */
  readonly since: number;
}

/** What each takes besides its payload, about. */
const RESPONSE_BYTES = 300;

export class HeldResponses {
  /** Segments that were let go of. */
  dropped = 0;
  /** By connection; those that wait longest first. */
  readonly #waiting = new Map<string, Waiting>();
  #held_bytes = 0;
  #expiries = 0;

  constructor(private readonly bytes_max: number) {}

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** @param segment borrowed */
  add(key: string, segment: SegmentView, time_s: number): void {
    const { bytes, payloadOffset, payloadLength } = segment;
    const own = {
      ...segment,
      // Not by slice, which of a Buffer copies nothing.
      bytes: new Uint8Array(bytes.subarray(payloadOffset, payloadOffset + payloadLength)),
      payloadOffset: 0,
    };
    let waiting = this.#waiting.get(key);
    if (!waiting) {
      waiting = { responses: [], held_bytes: 0, since: this.#expiries };
      this.#waiting.set(key, waiting);
    }
    waiting.responses.push({ segment: own, time_s });
    waiting.held_bytes += RESPONSE_BYTES + payloadLength;
    this.#held_bytes += RESPONSE_BYTES + payloadLength;
    while (this.#held_bytes > this.bytes_max) this.drop(this.#waiting.keys().next().value!);
  }

  /** Takes out the first, if it is wanted. */
  takeIf(key: string, isWanted: (segment: SegmentView) => boolean): HeldResponse | undefined {
    const waiting = this.#waiting.get(key);
    const first = waiting?.responses[0];
    if (!waiting || !first || !isWanted(first.segment)) return undefined;
    waiting.responses.shift();
    waiting.held_bytes -= RESPONSE_BYTES + first.segment.payloadLength;
    this.#held_bytes -= RESPONSE_BYTES + first.segment.payloadLength;
    if (waiting.responses.length === 0) this.#waiting.delete(key);
    return first;
  }

  drop(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    this.#held_bytes -= waiting.held_bytes;
    this.dropped += waiting.responses.length;
  }

  /** Lets go of what has waited since the expiry before this one. */
  expire(): void {
    for (const [key, { since }] of this.#waiting) if (since < this.#expiries) this.drop(key);
    this.#expiries += 1;
  }

  clear(): void {
    for (const key of [...this.#waiting.keys()]) this.drop(key);
  }
}

/**
 * The receiving half of a virtual TCP client: how far the test server's stream has come, when to acknowledge it, and
 * whether it has ended. Only headers are known; the bytes themselves were dropped by the guard.
 */
import { FIN } from '../wire/tcp';
import type { Reply } from '../wire/reply';
import { toOffset, toSequence } from './offsets';
import { ResponseStream } from './response-stream';

/** RFC 1122, section 4.2.3.2: at most 500 ms; as Linux. The next request usually carries the acknowledgment. */
const DELAYED_ACK_MS = 40;

export class Receiver {
  /** When an acknowledgment must have gone out at the latest; Infinity when none is owed. */
  acknowledgeAt_ms = Infinity;
  readonly #stream = new ResponseStream();
  #initial = 0;
  #acknowledged = 1;
  #finOffset: number | undefined;

  /** Offset of the next byte that the test server will send. */
  get next(): number {
    return this.#stream.next;
  }

  /** Everything up to the test server's FIN has come, the FIN included. */
  get closed(): boolean {
    return this.#finOffset !== undefined && this.#stream.next > this.#finOffset;
  }

  /** The test server's SYN. */
  open(initialSequence: number, now_ms: number): void {
    this.#initial = initialSequence;
    this.acknowledgeAt_ms = now_ms;
  }

  offsetOf(reply: Reply): number {
    return toOffset(reply.sequence, this.#initial, this.#stream.next);
  }

  /**
   * A segment with payload or FIN. Two full segments, a hole, a repetition or the end are acknowledged at once
   * (RFC 5681, section 4.2).
   *
   * @returns whether the stream moved on
   */
  received(reply: Reply, segment_bytes: number, now_ms: number): boolean {
    const from = this.offsetOf(reply);
    const end = from + reply.payloadLength;
    const fin = reply.flags & FIN ? 1 : 0;
    const fresh = this.#stream.received(from, end + fin);
    if (fin) this.#finOffset = end;
    const owed_bytes = this.#stream.next - this.#acknowledged;
    const soon = !fresh || fin > 0 || owed_bytes >= 2 * segment_bytes;
    this.acknowledgeAt_ms = Math.min(this.acknowledgeAt_ms, now_ms + (soon ? 0 : DELAYED_ACK_MS));
    return fresh;
  }

  /** The acknowledgment number to send; a segment that carries it settles what was owed. */
  acknowledgment(): number {
    this.#acknowledged = this.#stream.next;
    this.acknowledgeAt_ms = Infinity;
    return toSequence(this.#stream.next, this.#initial);
  }
}

/**
 * One direction of a TCP connection, put together from its segments as the receiver does: in order, each byte once,
 * whatever was repeated, overlapped or came early (RFC 9293, section 3.10.7.4).
 */
import { seqAdd, seqDiff, seqLe } from '../../../src/wire/sequence';

interface Piece {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export class Stream {
  /** Sequence number of the next byte that is missing. */
  #next: number;
  /** Bytes behind a hole, by sequence number. */
  #early: Piece[] = [];
  readonly #whole: Uint8Array[] = [];
  #closed = false;
  /** The sender has said that there is no more (FIN). */
  ended = false;

  constructor(readonly initialSequence: number) {
    this.#next = seqAdd(initialSequence, 1);
  }

  /** The bytes are kept as a view, not copied. */
  segment(sequence: number, bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    const at = this.#early.findIndex((piece) => seqDiff(piece.sequence, sequence) > 0);
    this.#early.splice(at < 0 ? this.#early.length : at, 0, { sequence, bytes });
    this.#drain();
  }

  /** Reset: what comes later belongs to another connection. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A reset is believed only where the next byte is expected (RFC 5961, section 3.2). */
  reset(sequence: number): void {
    if (sequence === this.#next) this.#closed = true;
  }

  /** Everything up to the first hole. */
  bytes(): Buffer {
    return Buffer.concat(this.#whole);
  }

  #drain(): void {
    while (this.#early.length > 0 && seqLe(this.#early[0]!.sequence, this.#next)) {
      const { sequence, bytes } = this.#early.shift()!;
      const fresh = bytes.subarray(seqDiff(this.#next, sequence));
      if (fresh.length === 0) continue;
      this.#whole.push(fresh);
      this.#next = seqAdd(this.#next, fresh.length);
    }
  }
}

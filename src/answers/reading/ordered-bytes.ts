/** One direction of a connection in order, each byte once, handed on as it comes: what is early waits, in bounded memory. */
import { seqAdd, seqDiff } from '../../wire/sequence';

/** More than that behind a hole is no reordering: the capture lost something. */
const EARLY_BYTES_MAX = 1024 * 1024;

interface Piece {
  readonly sequence: number;
  readonly bytes: Buffer;
}

export class OrderedBytes {
  #early: Piece[] = [];
  #early_bytes = 0;
  #end: number | undefined;

  /**
   * @param next sequence number of the first byte
   * @param deliver is lent the bytes for the call
   */
  constructor(
    private next: number,
    private readonly deliver: (bytes: Buffer, time_s: number) => void,
  ) {}

  /** Sequence number of the next byte that is missing. */
  get expected(): number {
    return this.next;
  }

  /** Everything up to the sender's FIN is there. */
  get ended(): boolean {
    return this.#end !== undefined && seqDiff(this.next, this.#end) >= 0;
  }

  /** Something is missing before what came, up to the FIN or this sequence number, which the other end acknowledges. */
  hasHole(acknowledged: number | undefined): boolean {
    if (this.#early.length > 0 || (this.#end !== undefined && !this.ended)) return true;
    return acknowledged !== undefined && seqDiff(acknowledged, this.next) > (this.ended ? 1 : 0);
  }

  /** All is there up to this sequence number, which the other end acknowledges. */
  has(acknowledged: number): boolean {
    return seqDiff(acknowledged, this.next) <= (this.ended ? 1 : 0);
  }

  /** There is a hole that nothing will fill: too much came behind it. */
  get broken(): boolean {
    return this.#early_bytes > EARLY_BYTES_MAX;
  }

  /** Of what was delivered already, the rest counts. @param time_s when it was captured */
  add(sequence: number, bytes: Buffer, time_s: number): void {
    if (bytes.length === 0) return;
    if (seqDiff(sequence, this.next) > 0) {
      this.#keep(sequence, bytes);
      return;
    }
    this.#take(sequence, bytes, time_s);
    while (this.#early.length > 0 && seqDiff(this.#early[0]!.sequence, this.next) <= 0) {
      const piece = this.#early.shift()!;
      this.#early_bytes -= piece.bytes.length;
      this.#take(piece.sequence, piece.bytes, time_s);
    }
  }

  /** The sender's FIN. @param sequence of the FIN itself */
  end(sequence: number): void {
    this.#end ??= sequence;
  }

  #take(sequence: number, bytes: Buffer, time_s: number): void {
    const fresh = bytes.subarray(seqDiff(this.next, sequence));
    if (fresh.length === 0) return;
    this.next = seqAdd(this.next, fresh.length);
    this.deliver(fresh, time_s);
  }

  #keep(sequence: number, bytes: Buffer): void {
    const at = this.#early.findIndex((piece) => seqDiff(piece.sequence, sequence) > 0);
    const before = this.#early.at(at < 0 ? -1 : at - 1);
    // Said again, as it was not acknowledged yet.
    if (at !== 0 && before?.sequence === sequence && before.bytes.length >= bytes.length) return;
    this.#early.splice(at < 0 ? this.#early.length : at, 0, { sequence, bytes: Buffer.from(bytes) });
    this.#early_bytes += bytes.length;
  }
}

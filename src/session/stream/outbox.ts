/**
 * The client's bytes on their way to the test server: from the first byte that is not acknowledged to the last one
 * captured, in the pieces in which the client sent them. This is the one place that copies captured bytes.
 */

export interface Piece {
  /** Stream offset of the first byte. */
  readonly offset: number;
  /** Where its bytes are: `length` of them at `from`. A view of only them would be an object of its own. */
  readonly store: Uint8Array;
  readonly from: number;
  readonly length: number;
  /** The client set PSH on it. */
  readonly push: boolean;
  /** A request begins with its first byte: the client had read something since it spoke last. Set by the outbox. */
  begins: boolean;
  /** Response bytes that the client had acknowledged to the online server when it sent this, as a stream offset. */
  readonly clientAcknowledged: number;
  /** When it was captured, to the millisecond: a fraction would be an object of its own. */
  readonly at_ms: number;
  /** On how many connections its first byte was sent. */
  said: number;
}

/** Shared by all that hold nothing, which are most, most of the time. */
const NONE: readonly Piece[] = [];

export class Outbox {
  /** The first piece that is not acknowledged; usually it is the only one, and no array is needed. */
  #head: Piece | undefined;
  /** Those behind it. */
  #rest: readonly Piece[] = NONE;
  /** How many of `#rest` have become the head and are gone. */
  #gone = 0;
  #end = 1;
  #held_bytes = 0;
  /** Where the client stood when it spoke last. */
  #spokenAt = -1;

  /** Offset behind the last byte. */
  get end(): number {
    return this.#end;
  }

  get held_bytes(): number {
    return this.#held_bytes;
  }

  /**
   * Takes over a piece; its offset must be `end`.
   *
   * @param isBehindSilence the client had been silent for so long that it begins something
   * @returns whether a request begins with it
   */
  append(piece: Piece, isBehindSilence = false): boolean {
    if (piece.offset !== this.#end) throw new Error(`piece at ${piece.offset} does not follow ${this.#end}`);
    piece.begins = isBehindSilence || this.beginsAt(piece.clientAcknowledged);
    this.#spokenAt = Math.max(this.#spokenAt, piece.clientAcknowledged);
    if (!this.#head) this.#head = piece;
    else if (this.#rest === NONE) this.#rest = [piece];
    else (this.#rest as Piece[]).push(piece);
    this.#end += piece.length;
    this.#held_bytes += piece.length;
    return piece.begins;
  }

  /** The pieces that are held, in order. */
  *pieces(): Generator<Piece> {
    if (this.#head) yield this.#head;
    for (let index = this.#gone; index < this.#rest.length; index += 1) yield this.#rest[index]!;
  }

  /** Requests of which nothing was ever sent. */
  unsaidRequests(): number {
    if (!this.#head) return 0;
    let count = isUnsaid(this.#head) ? 1 : 0;
    for (let index = this.#gone; index < this.#rest.length; index += 1)
      if (isUnsaid(this.#rest[index]!)) count += 1;
    return count;
  }

  /** The first request that begins at `offset` or behind it; undefined when none has begun yet. */
  requestFrom(offset: number): Piece | undefined {
    const head = this.#head;
    if (!head || (head.begins && head.offset >= offset)) return head;
    for (let index = this.#gone; index < this.#rest.length; index += 1) {
      const piece = this.#rest[index]!;
      if (piece.begins && piece.offset >= offset) return piece;
    }
    return undefined;
  }

  /** Words said at this point of the online server's stream would begin a request. */
  beginsAt(clientAcknowledged: number): boolean {
    return clientAcknowledged > this.#spokenAt;
  }

  /** Forgets everything; nothing more will be sent. */
  clear(): void {
    this.#head = undefined;
    this.#rest = NONE;
    this.#gone = 0;
    this.#held_bytes = 0;
  }

  /** The piece that holds the byte at `offset`, or undefined when there is none yet. */
  pieceAt(offset: number): Piece | undefined {
    const head = this.#head;
    if (!head || offset < head.offset) return undefined;
    if (offset < head.offset + head.length) return head;
    let low = this.#gone;
    let high = this.#rest.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const piece = this.#rest[middle]!;
      if (offset < piece.offset) high = middle - 1;
      else if (offset >= piece.offset + piece.length) low = middle + 1;
      else return piece;
    }
    return undefined;
  }

  /** Forgets the pieces that lie wholly before `offset`. */
  release(offset: number): void {
    while (this.#head && this.#head.offset + this.#head.length <= offset) {
      this.#held_bytes -= this.#head.length;
      this.#head = this.#rest[this.#gone];
      if (this.#head) this.#gone += 1;
    }
    if (this.#gone === 0) return;
    if (this.#gone === this.#rest.length) {
      this.#rest = NONE;
      this.#gone = 0;
    } else if (this.#gone > 64 && this.#gone * 2 > this.#rest.length) {
      this.#rest = this.#rest.slice(this.#gone);
      this.#gone = 0;
    }
  }
}

const isUnsaid = ({ begins, said }: Piece): boolean => begins && said === 0;

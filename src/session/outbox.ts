/**
 * The client's bytes on their way to the test server: from the first byte that is not acknowledged to the last one
 * captured, in the pieces in which the client sent them. This is the one place that copies captured bytes.
 */

export interface Piece {
  /** Stream offset of the first byte. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The client set PSH on it. */
  readonly push: boolean;
  /** A request begins with its first byte: the client had read something since it spoke last. Set by the outbox. */
  begins: boolean;
  /** Response bytes that the client had acknowledged to the online server when it sent this, as a stream offset. */
  readonly clientAcknowledged: number;
}

export class Outbox {
  #pieces: Piece[] = [];
  #first = 0;
  #end = 1;
  #held_bytes = 0;
  /** Where the client stood when it spoke last. */
  #spokenAt = -Infinity;

  /** Offset behind the last byte. */
  get end(): number {
    return this.#end;
  }

  get held_bytes(): number {
    return this.#held_bytes;
  }

  /** Words said at this point of the online server's stream would begin a request. */
  beginsAt(clientAcknowledged: number): boolean {
    return clientAcknowledged > this.#spokenAt;
  }

  /** Takes over a piece; its offset must be `end`. @returns whether a request begins with it */
  append(piece: Piece): boolean {
    if (piece.offset !== this.#end) throw new Error(`piece at ${piece.offset} does not follow ${this.#end}`);
    piece.begins = this.beginsAt(piece.clientAcknowledged);
    this.#spokenAt = Math.max(this.#spokenAt, piece.clientAcknowledged);
    this.#pieces.push(piece);
    this.#end += piece.bytes.length;
    this.#held_bytes += piece.bytes.length;
    return piece.begins;
  }

  /** Requests that begin at `offset` or behind it. */
  requestsFrom(offset: number): number {
    return this.#pieces.filter((piece) => piece.begins && piece.offset >= offset).length;
  }

  /** Forgets everything; nothing more will be sent. */
  clear(): void {
    this.#pieces = [];
    this.#first = 0;
    this.#held_bytes = 0;
  }

  /** The piece that holds the byte at `offset`, or undefined when there is none yet. */
  pieceAt(offset: number): Piece | undefined {
    let low = this.#first;
    let high = this.#pieces.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const piece = this.#pieces[middle]!;
      if (offset < piece.offset) high = middle - 1;
      else if (offset >= piece.offset + piece.bytes.length) low = middle + 1;
      else return piece;
    }
    return undefined;
  }

  /** Forgets the pieces that lie wholly before `offset`. */
  release(offset: number): void {
    for (;;) {
      const piece = this.#pieces[this.#first];
      if (!piece || piece.offset + piece.bytes.length > offset) break;
      this.#held_bytes -= piece.bytes.length;
      this.#first += 1;
    }
    if (this.#first === this.#pieces.length) {
      this.#pieces = [];
      this.#first = 0;
    } else if (this.#first > 64 && this.#first * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#first);
      this.#first = 0;
    }
  }
}

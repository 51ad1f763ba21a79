/** What goes down the pipe: a length (u32, of what follows), what it is (u8), which tcpcopy it is of (u32), and records; big-endian. */
import { readU32, writeU32 } from '../../wire/big-endian';
import { LengthPrefixed } from '../../wire/length-prefixed';

const KINDS = ['seen', 'gone'] as const;
type Kind = (typeof KINDS)[number];

const LENGTH_BYTES = 4;
const HEAD_BYTES = 5;
const PIECE_MAX_BYTES = 128 * 1024;

export interface Piece {
  readonly kind: Kind;
  readonly peer: number;
  /** Borrowed until the next one. */
  readonly records: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** @returns the caller's own */
export function encodePiece(kind: Kind, peer: number, records: Uint8Array = NOTHING): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + HEAD_BYTES + records.length);
  writeU32(bytes, 0, HEAD_BYTES + records.length);
  bytes[LENGTH_BYTES] = KINDS.indexOf(kind);
  writeU32(bytes, LENGTH_BYTES + 1, peer);
  bytes.set(records, LENGTH_BYTES + HEAD_BYTES);
  return bytes;
}

export class PieceReader {
  readonly #pieces = new LengthPrefixed((length) => {
    if (length < HEAD_BYTES || length > PIECE_MAX_BYTES) throw new Error(`a piece of ${length} bytes`);
  });

  *push(chunk: Uint8Array): Generator<Piece, void, void> {
    for (const piece of this.#pieces.push(chunk))
      yield { kind: KINDS[piece[0]!]!, peer: readU32(piece, 1), records: piece.subarray(HEAD_BYTES) };
  }
}

/**
 * The client's byte stream, put together from captured segments that may be reordered, repeated, overlapping or
 * missing. Contiguous bytes go to the outbox; what came early waits for the hole before it to be filled.
 */
import { copyBytes } from '../../wire/copy-bytes';
import type { Outbox, Piece } from './outbox';

/** A client that was silent for longer begins something: longer than anything is under way. */
export const SILENCE_MS = 1000;
/** Beyond this a hole is not waited for: the capture lost more than a client ever reorders. */
const EARLY_BYTES_MAX = 8 * 1024 * 1024;

/** `kept`: something new was taken; `repeated`: nothing new; `overflow`: more is waiting behind a hole than may. */
export type ArrivalOutcome = 'kept' | 'repeated' | 'overflow';

/** Shared by all that wait for nothing: most do, most of the time. */
const NONE: readonly Piece[] = [];

/** Told when a request begins. */
export interface RequestCounter {
  countCaptured(): void;
}

export class ClientStream {
  /** By offset. */
  #early = NONE;
  #early_bytes = 0;
  #holeSince_ms: number | undefined;
  #spokeAt_ms = Infinity;
  /** What was put in order last ended a write. */
  #complete = true;

  constructor(
    private readonly outbox: Outbox,
    private readonly host: RequestCounter,
  ) {}

  /** Bytes that wait behind a hole. */
  get early_bytes(): number {
    return this.#early_bytes;
  }

  /** Offset behind the last byte that was seen, be it behind a hole. */
  get seenEnd(): number {
    const last = this.#early.at(-1);
    return Math.max(this.outbox.end, last ? last.offset + last.length : 0);
  }

  /** What was put in order last ended a write of the client's. */
  get isComplete(): boolean {
    return this.#complete;
  }

  clear(): void {
    this.#early = NONE;
    this.#early_bytes = 0;
  }

  /** When the oldest hole was first seen; undefined when there is none. */
  get holeSince_ms(): number | undefined {
    return this.#holeSince_ms;
  }

  /** Takes `length` captured bytes at `start`, borrowed for the call, that stand at `offset` of the stream. */
  arrive(
    captured: Uint8Array,
    start: number,
    length: number,
    offset: number,
    push: boolean,
    clientAcknowledged: number,
    now_ms: number,
  ): ArrivalOutcome {
    const known = this.outbox.end - offset;
    if (length <= known) return 'repeated';
    const skip = Math.max(known, 0);
    const kept_bytes = length - skip;
    const isLarge = kept_bytes > SLAB_BYTES / 2;
    const from = isLarge ? 0 : roomInSlab(kept_bytes);
    const store = isLarge ? new Uint8Array(kept_bytes) : slab;
    copyBytes(captured, start + skip, start + length, store, from);
    const piece: Piece = {
      offset: offset + skip,
      store,
      from,
      length: kept_bytes,
      push,
      begins: false,
      clientAcknowledged,
      at_ms: Math.floor(now_ms),
      said: 0,
    };
    if (piece.offset > this.outbox.end) return this.#keepEarly(piece, now_ms);
    this.#keep(piece);
    if (this.#early.length > 0) this.#fill(now_ms);
    return 'kept';
  }

  #keep(piece: Piece): void {
    const isBehindSilence = this.#complete && piece.at_ms - this.#spokeAt_ms >= SILENCE_MS;
    if (this.outbox.append(piece, isBehindSilence)) this.host.countCaptured();
    this.#spokeAt_ms = piece.at_ms;
    this.#complete = piece.push;
  }

  #keepEarly(piece: Piece, now_ms: number): ArrivalOutcome {
    if (this.#early.some((other) => covers(other, piece))) return 'repeated';
    if (this.#early_bytes + piece.length > EARLY_BYTES_MAX) return 'overflow';
    const at = this.#early.findIndex((other) => other.offset > piece.offset);
    this.#early = this.#early.toSpliced(at < 0 ? this.#early.length : at, 0, piece);
    this.#early_bytes += piece.length;
    this.#holeSince_ms ??= now_ms;
    return 'kept';
  }

  #fill(now_ms: number): void {
    let taken = 0;
    for (const piece of this.#early) {
      const skip = this.outbox.end - piece.offset;
      if (skip < 0) break;
      taken += 1;
      this.#early_bytes -= piece.length;
      if (skip >= piece.length) continue;
      const rest = {
        ...piece,
        offset: piece.offset + skip,
        from: piece.from + skip,
        length: piece.length - skip,
      };
      this.#keep(rest);
    }
    if (taken === 0) return;
    this.#early = taken < this.#early.length ? this.#early.slice(taken) : NONE;
    this.#holeSince_ms = this.#early.length > 0 ? now_ms : undefined;
  }
}

/** Pieces of up to half of this share memory: an allocation of its own costs more than the copying. */
const SLAB_BYTES = 8192;

let slab = new Uint8Array(SLAB_BYTES);
let slabUsed_bytes = 0;

/** @returns where so many bytes go in the slab */
function roomInSlab(length: number): number {
  if (slabUsed_bytes + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed_bytes = 0;
  }
  slabUsed_bytes += length;
  return slabUsed_bytes - length;
}

const covers = (outer: Piece, inner: Piece): boolean =>
  outer.offset <= inner.offset && outer.offset + outer.length >= inner.offset + inner.length;

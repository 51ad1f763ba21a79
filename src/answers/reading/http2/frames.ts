/** The frames of one direction of an HTTP/2 connection (RFC 9113, section 4), with header blocks put together and taken apart. */
import { HeaderDecoder, type Field } from './hpack';

export interface FrameListener {
  /** A block is whole. @param at bytes of the direction's stream before its first frame */
  headers(stream: number, fields: readonly Field[], endsStream: boolean, at: number): void;
  /** A part of a stream's content, lent for the call; `endsStream` with its last one. */
  data(stream: number, part: Buffer, endsStream: boolean): void;
  /** Its sender gives the stream up. */
  reset(stream: number): void;
}

const HEAD_BYTES = 9;
/** Of one that is kept whole: content is not. */
const KEPT_BYTES_MAX = 1024 * 1024;
const TYPE = { data: 0, headers: 1, reset: 3, promise: 5, continuation: 9 } as const;
const FLAG = { endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
const PRIORITY_BYTES = 5;
const PROMISED_BYTES = 4;

interface Block {
  readonly stream: number;
  readonly at: number;
  readonly endsStream: boolean;
  /** A stream that the server promises, and nobody has asked for. */
  readonly isPromise: boolean;
  readonly parts: Buffer[];
  bytes: number;
}

export class Frames {
  readonly #decoder = new HeaderDecoder();
  /** The beginning of a frame, and how much of one is to be there before it is looked at. */
  #held: Buffer[] = [];
  #held_bytes = 0;
  #missing_bytes = HEAD_BYTES;
  /** Of the stream before what is held. */
  #before_bytes: number;
  #block: Block | undefined;
  #failed = false;

  /** @param skipped bytes before the first frame, which are not handed in */
  constructor(
    private readonly listener: FrameListener,
    skipped = 0,
  ) {
    this.#before_bytes = skipped;
  }

  /** @returns false where it is none; nothing is to be read behind that */
  read(chunk: Buffer): boolean {
    if (this.#failed) return false;
    if (this.#held_bytes + chunk.length < this.#missing_bytes) {
      this.#held.push(Buffer.from(chunk));
      this.#held_bytes += chunk.length;
      return true;
    }
    const bytes = this.#held.length > 0 ? Buffer.concat([...this.#held, chunk]) : chunk;
    const rest = this.#frames(bytes);
    this.#held = rest.length > 0 ? [Buffer.from(rest)] : [];
    this.#held_bytes = rest.length;
    return !this.#failed;
  }

  /** @returns the beginning of one that is not whole yet */
  #frames(bytes: Buffer): Buffer {
    let at = 0;
    this.#missing_bytes = HEAD_BYTES;
    while (!this.#failed && bytes.length - at >= HEAD_BYTES) {
      const length = HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (length > KEPT_BYTES_MAX) this.#failed = true;
      this.#missing_bytes = length;
      if (bytes.length - at < length) break;
      this.#frame(bytes.subarray(at, at + length), this.#before_bytes + at);
      this.#missing_bytes = HEAD_BYTES;
      at += length;
    }
    this.#before_bytes += at;
    return bytes.subarray(at);
  }

  #frame(frame: Buffer, at: number): void {
    const [type, flags] = [frame[3]!, frame[4]!];
    const stream = frame.readUInt32BE(5) & 0x7fff_ffff;
    if (this.#block && (type !== TYPE.continuation || stream !== this.#block.stream)) this.#failed = true;
    else if (type === TYPE.data) {
      const part = unpadded(frame, flags, 0);
      if (part) this.listener.data(stream, part, (flags & FLAG.endStream) !== 0);
      else this.#failed = true;
    } else if (type === TYPE.headers || type === TYPE.promise) {
      const isPromise = type === TYPE.promise;
      const skipped = isPromise ? PROMISED_BYTES : flags & FLAG.priority ? PRIORITY_BYTES : 0;
      const endsStream = !isPromise && (flags & FLAG.endStream) !== 0;
      this.#block = { stream, at, endsStream, isPromise, parts: [], bytes: 0 };
      this.#add(unpadded(frame, flags, skipped), flags);
    } else if (type === TYPE.continuation) this.#add(frame.subarray(HEAD_BYTES), flags);
    else if (type === TYPE.reset) this.listener.reset(stream);
  }

  #add(part: Buffer | undefined, flags: number): void {
    const block = this.#block;
    if (!block || !part || block.bytes + part.length > KEPT_BYTES_MAX) {
      this.#failed = true;
      return;
    }
    block.parts.push(Buffer.from(part));
    block.bytes += part.length;
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#block = undefined;
    const fields = this.#decoder.fields(Buffer.concat(block.parts));
    if (!fields) this.#failed = true;
    else if (!block.isPromise) this.listener.headers(block.stream, fields, block.endsStream, block.at);
  }
}

/** Undefined where it is longer than its frame. @param skipped bytes before what is meant */
function unpadded(frame: Buffer, flags: number, skipped: number): Buffer | undefined {
  const isPadded = (flags & FLAG.padded) !== 0;
  const from = HEAD_BYTES + (isPadded ? 1 : 0) + skipped;
  const to = frame.length - (isPadded ? (frame[HEAD_BYTES] ?? 0) : 0);
  return from <= to ? frame.subarray(from, to) : undefined;
}

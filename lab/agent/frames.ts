/**
 * What the lab and a node's agent say to each other. A frame is a length (u32, of what follows), a kind (u8), the number of
 * a command (u32) and a body; integers are big-endian.
 */

export const TO_AGENT = {
  /** Start a command. Body: `CommandStart` as JSON. */
  start: 1,
  /** Bytes for its standard input; an empty body ends the input. */
  input: 2,
  /** A signal for all its processes. Body: the signal's name. */
  signal: 3,
  /** It is to say that it is there; of no command. */
  ping: 8,
} as const;

export const FROM_AGENT = {
  /** It runs. */
  started: 4,
  /** Bytes that it wrote. */
  stdout: 5,
  stderr: 6,
  /** The last of a command. Body: exit status (i32), or 128 and the signal that ended it. */
  ended: 7,
  /** It is there. */
  pong: 9,
} as const;

export type ToAgent = (typeof TO_AGENT)[keyof typeof TO_AGENT];
export type FromAgent = (typeof FROM_AGENT)[keyof typeof FROM_AGENT];

export interface CommandStart {
  readonly argv: readonly string[];
  /** Whether it has a standard input; without one it reads an end of file. */
  readonly input: boolean;
}

/** @typeParam Kind what the other end may say */
export interface Frame<Kind extends number> {
  readonly kind: Kind;
  /** Chosen by the lab; the numbers of commands that run are different. */
  readonly command: number;
  readonly body: Buffer;
}

const LENGTH_BYTES = 4;
const HEAD_BYTES = 5;
/** Of one body; what is longer goes in several frames, so that none is put together from many pieces. */
const BODY_BYTES_MAX = 64 * 1024;

export function frameOf(kind: ToAgent | FromAgent, command: number, body: Uint8Array | string = ''): Buffer {
  const content = typeof body === 'string' ? Buffer.from(body) : body;
  const head = Buffer.alloc(LENGTH_BYTES + HEAD_BYTES);
  head.writeUInt32BE(HEAD_BYTES + content.length, 0);
  head.writeUInt8(kind, LENGTH_BYTES);
  head.writeUInt32BE(command, LENGTH_BYTES + 1);
  return Buffer.concat([head, content]);
}

/** As many frames as its length takes. */
export function* framesOf(kind: ToAgent | FromAgent, command: number, bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += BODY_BYTES_MAX)
    yield frameOf(kind, command, bytes.subarray(at, at + BODY_BYTES_MAX));
}

export function exitStatusBody(status: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeInt32BE(status);
  return body;
}

/** Finds frames in a stream that comes in pieces of any size. */
export class FrameReader<Kind extends ToAgent | FromAgent> {
  /** The beginning of a frame that is not whole yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that this piece makes whole. Their bodies are views. */
  read(piece: Buffer): Frame<Kind>[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const frames: Frame<Kind>[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      frames.push({
        kind: bytes.readUInt8(at + LENGTH_BYTES) as Kind,
        command: bytes.readUInt32BE(at + LENGTH_BYTES + 1),
        body: bytes.subarray(at + LENGTH_BYTES + HEAD_BYTES, end),
      });
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

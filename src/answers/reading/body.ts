/** Bytes of any length in bounded memory: their digest, how many they are, and themselves as far as they are kept. */
import { createHash } from 'node:crypto';

export interface Body {
  readonly length: number;
  /** SHA-256 of all of it, hexadecimal. */
  readonly digest: string;
  /** The beginning, at most as much as is kept of any. */
  readonly kept: Buffer;
}

/** All of it was kept. */
export const isWhole = ({ length, kept }: Body): boolean => kept.length === length;

/** The same without its bytes, for when they take too much memory. */
export const withoutBytes = (body: Body): Body => ({ ...body, kept: NOTHING });

export class BodyKeeper {
  readonly #hash = createHash('sha256');
  readonly #kept: Buffer[] = [];
  #kept_bytes = 0;
  #length = 0;

  /** @param max_bytes that are kept */
  constructor(private readonly max_bytes: number) {}

  get length(): number {
    return this.#length;
  }

  /** Copies what it keeps. */
  add(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#length += bytes.length;
    const room = this.max_bytes - this.#kept_bytes;
    if (room <= 0 || bytes.length === 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#kept.push(part);
    this.#kept_bytes += part.length;
  }

  /** To be asked once, at its end. */
  body(): Body {
    return { length: this.#length, digest: this.#hash.digest('hex'), kept: Buffer.concat(this.#kept) };
  }
}

const NOTHING = Buffer.alloc(0);

export function bodyOf(bytes: Buffer, max_bytes: number = bytes.length): Body {
  const keeper = new BodyKeeper(max_bytes);
  keeper.add(bytes);
  return keeper.body();
}

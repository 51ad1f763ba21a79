/**
 * Bodies as their servers meant them: codings undone, of the transfer and of the content (RFC 9112, section 7; RFC 9110, section 8.4.1;
 * RFC 8878 for zstd), by Node's own zlib.
 */
import zlib from 'node:zlib';
import { isWhole, type Body } from '../reading/body';
import type { Header } from '../reading/exchange';
import { valuesOf } from '../reading/http-parser';

export type Decoded =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** Longer than what is kept, encoded or not. */
  | { readonly kind: 'too-long' }
  /** It is not what its header says, or nothing here can undo that. */
  | { readonly kind: 'undecodable'; readonly coding: string };

type Undo = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

const zstd = (zlib as unknown as { readonly zstdDecompressSync?: Undo }).zstdDecompressSync;

const CODINGS: Readonly<Record<string, Undo>> = {
  gzip: (bytes, options) => zlib.gunzipSync(bytes, options),
  'x-gzip': (bytes, options) => zlib.gunzipSync(bytes, options),
  deflate: inflate,
  br: (bytes, options) => zlib.brotliDecompressSync(bytes, options),
  // Node 22.15 and later.
  ...(zstd && { zstd }),
};

/** In the order in which they were applied; chunks are none any more. */
export const codingsOf = (headers: readonly Header[]): string[] =>
  ['content-encoding', 'transfer-encoding']
    .flatMap((name) => valuesOf(headers, name))
    .map((coding) => coding.toLowerCase())
    .filter((coding) => coding !== 'identity' && coding !== 'chunked');

/** @param codings in the order in which they were applied @param max_bytes of what it becomes */
export function decode(body: Body, codings: readonly string[], max_bytes: number): Decoded {
  if (!isWhole(body)) return { kind: 'too-long' };
  let bytes = body.kept;
  if (bytes.length === 0) return { kind: 'bytes', bytes };
  for (const coding of codings.toReversed()) {
    const undo = CODINGS[coding];
    if (!undo) return { kind: 'undecodable', coding };
    try {
      bytes = undo(bytes, { maxOutputLength: max_bytes });
    } catch (error) {
      const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      return isTooLong ? { kind: 'too-long' } : { kind: 'undecodable', coding };
    }
  }
  return { kind: 'bytes', bytes };
}

/** Some servers leave zlib's head out (RFC 9110, section 8.4.1.2, note). */
function inflate(bytes: Buffer, options: { readonly maxOutputLength: number }): Buffer {
  try {
    return zlib.inflateSync(bytes, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error;
    return zlib.inflateRawSync(bytes, options);
  }
}

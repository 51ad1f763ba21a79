/** Captures that are compressed: told by their first bytes, whatever their name is, and unpacked while they are read. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** Long enough to tell every kind. */
export const MAGIC_BYTES = 6;

/** A stream of zlib's. */
type Unpacker = Transform & { readonly bytesWritten: number };

export interface Compression {
  readonly name: string;
  /** What it may begin with. */
  readonly magics: readonly (readonly number[])[];
  /** What unpacks it by hand. */
  readonly tool: string;
  /** Undefined where this runtime, or anybody, has nothing that unpacks it. */
  readonly unpacker: (() => Unpacker) | undefined;
  /** Since when the runtime has. */
  readonly since?: string;
}

/** As much as one read of a pipe takes. */
const CHUNK_BYTES = 65_536;
/** One chunk at a time: what was unpacked before damage is handed on before the damage is told. */
const ONE_AT_A_TIME = { chunkSize: CHUNK_BYTES, readableHighWaterMark: 1 };

/** Node has it from 22.15 on. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Unpacker };

/** Of zstd's frames that carry nothing (RFC 8878, section 3.1.2), as `pzstd` writes them before all others. */
const SKIPPABLE_FRAMES = Array.from({ length: 16 }, (_, low) => [0x50 | low, 0x2a, 0x4d, 0x18]);

const COMPRESSIONS: readonly Compression[] = [
  {
    name: 'gzip',
    magics: [[0x1f, 0x8b]],
    tool: 'gzip -dc',
    unpacker: () => zlib.createGunzip(ONE_AT_A_TIME),
  },
  {
    name: 'zstd',
    magics: [[0x28, 0xb5, 0x2f, 0xfd], ...SKIPPABLE_FRAMES],
    tool: 'zstd -dc',
    unpacker: createZstdDecompress && (() => createZstdDecompress(ONE_AT_A_TIME)),
    since: '22.15',
  },
  { name: 'xz', magics: [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], tool: 'xz -dc', unpacker: undefined },
  { name: 'bzip2', magics: [[0x42, 0x5a, 0x68]], tool: 'bzip2 -dc', unpacker: undefined },
  { name: 'lz4', magics: [[0x04, 0x22, 0x4d, 0x18]], tool: 'lz4 -dc', unpacker: undefined },
];

/** How bytes that begin so are compressed; undefined when they are not. */
export const compressionOf = (bytes: Uint8Array): Compression | undefined =>
  COMPRESSIONS.find(({ magics }) => magics.some((magic) => magic.every((byte, at) => bytes[at] === byte)));

/** Why this runtime cannot unpack it, with what mends it; undefined when it can. */
export function whyNotUnpacked(compression: Compression, path: string): string | undefined {
  const { name, tool, unpacker, since } = compression;
  if (unpacker) return undefined;
  const needs =
    since === undefined
      ? 'which is not read'
      : `which Node reads from ${since} on, and this is ${process.version}`;
  const command = path === '-' ? tool : `${tool} ${path}`;
  return `it is compressed with ${name}, ${needs}: unpack it before, as with ${command} | tcpcopy -i - …`;
}

/** The compressed bytes are damaged, or end too early. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError';

  constructor(
    readonly code: 'compression-damaged' | 'file-truncated',
    cause: unknown,
  ) {
    super(`cannot unpack it: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The bytes that were compressed. @throws CompressionError behind what could be unpacked
 *
 * @param compression one that this runtime can unpack
 */
export async function* unpacked(
  compressed: AsyncIterator<Buffer>,
  compression: Compression,
): AsyncGenerator<Buffer, void, void> {
  let first = await nextOf(compressed);
  // What is compressed in several parts, one behind the other, takes an unpacker for each.
  while (first) {
    const unpacker = compression.unpacker!();
    const feeding = feed(unpacker, first, compressed);
    try {
      for await (const chunk of unpacker) yield chunk as Buffer;
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      if (!code.startsWith('Z')) throw cause;
      throw new CompressionError(ENDS_EARLY.has(code) ? 'file-truncated' : 'compression-damaged', cause);
    }
    first = await behindPadding(await feeding, compressed);
  }
}

/** What zlib and zstd say of bytes that are missing at the end. */
const ENDS_EARLY: ReadonlySet<string> = new Set(['Z_BUF_ERROR', 'ZSTD_error_srcSize_wrong']);

/** What follows a part: zeros that pad a file, as those that come from tapes and block devices, are nothing. */
async function behindPadding(
  rest: Buffer | undefined,
  compressed: AsyncIterator<Buffer>,
): Promise<Buffer | undefined> {
  for (let chunk = rest; chunk; chunk = await nextOf(compressed)) {
    const at = chunk.findIndex((byte) => byte !== 0);
    if (at >= 0) return chunk.subarray(at);
  }
  return undefined;
}

/** The next one with something in it; undefined at the end. */
export async function nextOf(chunks: AsyncIterator<Buffer, unknown>): Promise<Buffer | undefined> {
  for (;;) {
    const next = await chunks.next();
    if (next.done) return undefined;
    if (next.value.length > 0) return next.value;
  }
}

/** Resolves when the unpacker has all, or has come to the end of its part: with what follows. */
async function feed(
  unpacker: Unpacker,
  first: Buffer,
  compressed: AsyncIterator<Buffer>,
): Promise<Buffer | undefined> {
  const closed = new Promise((resolve) => unpacker.once('close', resolve));
  let taken_bytes = 0;
  try {
    for (let chunk: Buffer | undefined = first; chunk; chunk = await nextOf(compressed)) {
      const written = chunk;
      await Promise.race([new Promise((resolve) => unpacker.write(written, resolve)), closed]);
      const rest = written.subarray(unpacker.bytesWritten - taken_bytes);
      if (rest.length > 0 || unpacker.destroyed) return rest.length > 0 ? rest : await nextOf(compressed);
      taken_bytes += written.length;
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error as Error);
  }
  return undefined;
}

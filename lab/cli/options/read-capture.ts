/** A capture file that a lab is to play. */
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { UsageError } from './usage-error';

/** The file and what arrives of it are held in memory, here and in the node. */
const FILE_MAX_BYTES = 256 * 2 ** 20;
const GZIP_MAGIC = [0x1f, 0x8b];
/** @throws UsageError */
export async function readCapture(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`There is no file ${file}.`);
  if (found.size > FILE_MAX_BYTES) throw tooLarge(file, `${found.size} bytes`);
  const bytes = await readFile(file);
  if (!GZIP_MAGIC.every((byte, at) => bytes[at] === byte)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: FILE_MAX_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(file, 'more, unpacked');
    throw new UsageError(`${file} cannot be unpacked: ${(cause as Error).message}.`);
  }
}

const tooLarge = (file: string, size: string): UsageError =>
  new UsageError(
    `${file} has ${size}; a lab holds at most ${FILE_MAX_BYTES} bytes in memory.`,
    'Cut it with editcap, or play it with tcpcopy itself, which needs no memory for it.',
  );

/** The bytes of a capture one after the other: from a file, a pipe, or standard input, unpacked where they are compressed. */
import { open as openFile } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { compressionOf, MAGIC_BYTES, nextOf, unpacked, whyNotUnpacked } from './compression';

/** Stands for standard input. */
export const STANDARD_INPUT = '-';

export interface ByteSource {
  /** Bytes that it has in all, compressed as it may be; undefined where that is not known. */
  readonly size_bytes: number | undefined;
  /** Bytes of these that were read. */
  readonly read_bytes: number;
  /** Fills the beginning of `room`. @returns with how many bytes; 0 at the end @throws CompressionError */
  read(room: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** @throws an Error that says why it cannot be read */
export async function openBytes(path: string): Promise<ByteSource> {
  if (path === STANDARD_INPUT) {
    if (process.stdin.isTTY) throw new Error('standard input is a terminal: lead a capture into it');
    return StreamSource.open(path, process.stdin);
  }
  const found = await stat(path);
  if (found.isDirectory()) throw new Error(`it is a directory: name what is in it, as in '${path}/*.pcap'`);
  if (found.isFIFO() || found.isSocket()) {
    // Reading waits in no thread, so that the program can end meanwhile.
    const fd = await openDescriptor(path, 'r');
    return StreamSource.open(path, new Socket({ fd, readable: true, writable: false }));
  }
  if (!found.isFile()) throw new Error('it is neither a file nor a pipe');
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
    if (compressionOf(buffer.subarray(0, bytesRead)) === undefined) return new FileSource(handle, found.size);
    const stream = handle.createReadStream({ start: 0, autoClose: false });
    return await StreamSource.open(path, stream, { handle, size_bytes: found.size });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const openDescriptor = promisify(openFile);

class FileSource implements ByteSource {
  read_bytes = 0;

  constructor(
    private readonly handle: FileHandle,
    readonly size_bytes: number,
  ) {}

  async read(room: Uint8Array): Promise<number> {
    const { bytesRead } = await this.handle.read(room, 0, room.length, this.read_bytes);
    this.read_bytes += bytesRead;
    return bytesRead;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

interface StreamedFile {
  /** Closed with the stream. */
  readonly handle: FileHandle;
  readonly size_bytes: number;
}

class StreamSource implements ByteSource {
  read_bytes = 0;
  /** Came and was not asked for yet. */
  #waiting: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer>;
  #unpacked: AsyncIterator<Buffer>;

  private constructor(
    private readonly stream: Readable,
    private readonly file: StreamedFile | undefined,
  ) {
    this.#chunks = this.#counted();
    this.#unpacked = this.#chunks;
  }

  /** @param file what the stream reads from, if it is one */
  static async open(path: string, stream: Readable, file?: StreamedFile): Promise<StreamSource> {
    const source = new StreamSource(stream, file);
    const opening = await source.#take(MAGIC_BYTES);
    const compression = compressionOf(opening);
    const obstacle = compression && whyNotUnpacked(compression, path);
    if (obstacle !== undefined) {
      stream.destroy();
      throw new Error(obstacle);
    }
    if (compression) source.#unpacked = unpacked(before(opening, source.#chunks), compression);
    else source.#waiting = opening;
    return source;
  }

  get size_bytes(): number | undefined {
    return this.file?.size_bytes;
  }

  async read(room: Uint8Array): Promise<number> {
    while (this.#waiting.length === 0) {
      const next = await nextOf(this.#unpacked);
      if (!next) return 0;
      this.#waiting = next;
    }
    const length = Math.min(room.length, this.#waiting.length);
    room.set(this.#waiting.subarray(0, length));
    this.#waiting = this.#waiting.subarray(length);
    return length;
  }

  async close(): Promise<void> {
    this.stream.destroy();
    await this.file?.handle.close();
  }

  /** The first bytes, as many as that if there are so many. */
  async #take(bytes: number): Promise<Buffer> {
    let taken = Buffer.alloc(0);
    while (taken.length < bytes) {
      const next = await nextOf(this.#chunks);
      if (!next) break;
      taken = Buffer.concat([taken, next]);
    }
    return taken;
  }

  async *#counted(): AsyncGenerator<Buffer, void, void> {
    for await (const chunk of this.stream as AsyncIterable<Buffer>) {
      this.read_bytes += chunk.length;
      yield chunk;
    }
  }
}

async function* before(first: Buffer, others: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, void> {
  for (let chunk: Buffer | undefined = first; chunk; chunk = await nextOf(others)) yield chunk;
}

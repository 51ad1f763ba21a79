/** One capture file (pcap or pcapng): its packets one after the other, in bounded memory. */
import { CAPTURE_BUFFER_BYTES, CaptureFileDecoder, isCaptureFile } from '../../wire/capture/capture-file';
import type { CapturedPacket, CaptureFaultReason } from '../../wire/capture/capture-format';
import { CaptureError } from '../devices';
import { openBytes, STANDARD_INPUT, type ByteSource } from './byte-source';
import { CompressionError } from './compression';

/** A part of a file that cannot be used. */
export interface Damage {
  readonly file: string;
  readonly reason: CaptureFaultReason | 'compression-damaged';
  /** Bytes from the start of the file, unpacked as it may be. */
  readonly at: number;
}

/** What a source is called among people. */
export const nameOf = (path: string): string => (path === STANDARD_INPUT ? 'standard input' : path);

export class CaptureFile {
  readonly #decoder: CaptureFileDecoder;
  /** Unpacked. */
  #place_bytes = 0;
  #ended = false;
  #unpackFault: CompressionError | undefined;

  private constructor(
    readonly path: string,
    private readonly source: ByteSource,
    buffer: Uint8Array,
    private readonly damaged: (damage: Damage) => void,
  ) {
    this.#decoder = new CaptureFileDecoder(buffer);
  }

  /**
   * @param buffer of `CAPTURE_BUFFER_BYTES`, for this file alone while it is open
   * @throws CaptureError when it cannot be read, or is no capture file
   */
  static async open(
    path: string,
    damaged: (damage: Damage) => void,
    buffer = new Uint8Array(CAPTURE_BUFFER_BYTES),
  ): Promise<CaptureFile> {
    let source: ByteSource | undefined;
    let isEmpty = false;
    try {
      source = await openBytes(path);
      const file = new CaptureFile(path, source, buffer, damaged);
      if (await file.#isCapture()) return file;
      if (file.#unpackFault) throw file.#unpackFault;
      isEmpty = file.#place_bytes === 0;
    } catch (cause) {
      await source?.close();
      throw new CaptureError(`cannot read ${nameOf(path)}: ${(cause as Error).message}`, { cause });
    }
    await source.close();
    const fault = isEmpty
      ? 'is empty, not even the head of a capture file stands in it'
      : 'is no capture file (pcap or pcapng)';
    throw new CaptureError(`${nameOf(path)} ${fault}`);
  }

  /** What its packets are views over. */
  get bytes(): Uint8Array {
    return this.#decoder.bytes;
  }

  /** Compressed as it may be; undefined where that is not known. */
  get size_bytes(): number | undefined {
    return this.source.size_bytes;
  }

  get read_bytes(): number {
    return this.source.read_bytes;
  }

  /** The next packet among what was read, valid until more is read. Undefined when more must be read first. */
  next(): CapturedPacket | undefined {
    for (let event = this.#decoder.next(); event; event = this.#decoder.next()) {
      if (event.kind === 'packet') return event;
      // Where unpacking broke off, that was told.
      if (event.reason === 'file-truncated' && this.#unpackFault) continue;
      this.damaged({ file: this.path, reason: event.reason, at: event.at });
    }
    return undefined;
  }

  /** Reads on. @returns false when the file is at its end, and nothing more comes */
  async read(): Promise<boolean> {
    if (this.#ended) return false;
    const read_bytes = await this.#fill();
    this.#place_bytes += read_bytes;
    this.#decoder.filled(read_bytes);
    this.#ended = read_bytes === 0;
    return true;
  }

  close(): Promise<void> {
    return this.source.close();
  }

  /** What cannot be unpacked is told, and the end of what can. */
  async #fill(): Promise<number> {
    const room = this.#decoder.room();
    try {
      return await this.source.read(room);
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      this.#unpackFault = error;
      this.damaged({ file: this.path, reason: error.code, at: this.#place_bytes });
      return 0;
    }
  }

  async #isCapture(): Promise<boolean> {
    while (this.#place_bytes < OPENING_BYTES && (await this.read()));
    return isCaptureFile(this.bytes.subarray(0, this.#place_bytes));
  }
}

/** What a format is told by. */
const OPENING_BYTES = 4;

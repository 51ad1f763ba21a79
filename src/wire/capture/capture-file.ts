/**
 * Takes capture files apart, pcap or pcapng, of any size in bounded memory: bytes come into a buffer piece by piece, and
 * packets come out as views over it. What is whole comes out; the rest is told, with its reason and its place.
 */
import {
  NEED_BYTES_MAX,
  type CapturedPacket,
  type CaptureFaultReason,
  type CaptureFormat,
} from './capture-format';
import { isPcap, PcapFormat } from './pcap';
import { isPcapng, PcapngFormat } from './pcapng';

const MAGIC_BYTES = 4;
/** Holds the longest record, and as much again to be read at once. */
export const CAPTURE_BUFFER_BYTES = 2 * NEED_BYTES_MAX;

/** Whether a file that begins with these bytes is a capture file. */
export const isCaptureFile = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC_BYTES && (isPcapng(bytes, 0) || isPcap(bytes, 0));

/** A part of the file that cannot be used. */
export interface CaptureFault {
  readonly kind: 'fault';
  readonly reason: CaptureFaultReason;
  /** Bytes from the start of the file. */
  readonly at: number;
}

export class CaptureFileDecoder {
  #at = 0;
  #end: number;
  /** Of the buffer's first byte, in the file. */
  #place = 0;
  /** Still to come, and of no use. */
  #skip_bytes = 0;
  #last: boolean;
  #format: CaptureFormat | undefined;
  #over = false;

  /**
   * @param bytes what packets are views over: a buffer of `CAPTURE_BUFFER_BYTES`, or a whole file
   * @param whole_bytes length of that file
   */
  constructor(
    readonly bytes: Uint8Array,
    whole_bytes?: number,
  ) {
    this.#end = whole_bytes ?? 0;
    this.#last = whole_bytes !== undefined;
  }

  /** Where the file's next bytes go; packets that came out before are not valid any more. Never empty. */
  room(): Uint8Array {
    this.bytes.copyWithin(0, this.#at, this.#end);
    this.#place += this.#at;
    this.#end -= this.#at;
    this.#at = 0;
    return this.bytes.subarray(this.#end);
  }

  /** So many bytes were put into `room`; none says that the file is at its end. */
  filled(bytes: number): void {
    this.#end += bytes;
    this.#last = bytes === 0;
  }

  /** The next packet or fault; undefined when more bytes are needed, or at the end of the file. */
  next(): CapturedPacket | CaptureFault | undefined {
    while (!this.#over) {
      const skipped = Math.min(this.#skip_bytes, this.#end - this.#at);
      this.#at += skipped;
      this.#skip_bytes -= skipped;
      if (this.#at === this.#end) return this.#last && this.#isCut() ? this.#cut() : undefined;
      if (!this.#format) {
        if (this.#end - this.#at < MAGIC_BYTES) return this.#last ? this.#cut() : undefined;
        this.#format = this.#formatHere();
        if (!this.#format) return this.#cut();
      }
      const step = this.#format.step(this.bytes, this.#at, this.#end, this.#last);
      if (step.kind === 'need') return this.#last ? this.#cut() : undefined;
      const at = this.#place + this.#at;
      this.#skip_bytes = step.step_bytes;
      if (step.kind === 'packet') return step;
      if (step.kind === 'pass') continue;
      return { kind: 'fault', reason: step.reason, at };
    }
    return undefined;
  }

  #formatHere(): CaptureFormat | undefined {
    if (isPcapng(this.bytes, this.#at)) return new PcapngFormat();
    return isPcap(this.bytes, this.#at) ? new PcapFormat() : undefined;
  }

  /** An empty file is none, and what was to be passed must be there. */
  #isCut(): boolean {
    return this.#skip_bytes > 0 || !this.#format;
  }

  #cut(): CaptureFault {
    this.#over = true;
    const reason = this.#format ? 'file-truncated' : 'not-a-capture';
    return { kind: 'fault', reason, at: this.#place + this.#at };
  }
}

const SENTENCES: Readonly<Record<CaptureFaultReason, string>> = {
  'not-a-capture': 'it is no capture file (pcap or pcapng)',
  'file-truncated': 'it ends in the middle of a record',
  'record-damaged': 'what stands there cannot be a record',
  'packet-damaged': 'the lengths of a record contradict each other',
  'interface-unknown': 'a packet came by an interface that is not described',
  'interfaces-too-many': 'it describes too many interfaces',
};

/** Why a file cannot be used, or not all of it; `offset` is in bytes from its start. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
  readonly code: CaptureFaultReason;
  readonly offset: number;

  constructor({ reason, at }: Pick<CaptureFault, 'reason' | 'at'>) {
    super(`${SENTENCES[reason]}, at byte ${at}`);
    this.code = reason;
    this.offset = at;
  }
}

/** Yields the packets of a whole file. @throws CaptureFileError at the first fault, after what was whole before it */
export function* packetsIn(bytes: Uint8Array): Generator<CapturedPacket, void, void> {
  const decoder = new CaptureFileDecoder(bytes, bytes.length);
  for (let event = decoder.next(); event; event = decoder.next()) {
    if (event.kind === 'fault') throw new CaptureFileError(event);
    yield event;
  }
}

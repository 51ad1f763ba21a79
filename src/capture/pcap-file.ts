/** Client segments from a capture file, one after the other, in bounded memory; every packet in it is accounted for. */
import { open, type FileHandle } from 'node:fs/promises';
import { CAPTURE_BUFFER_BYTES, CaptureFileDecoder, isCaptureFile } from '../wire/capture-file';
import type { CapturedPacket, CaptureFaultReason } from '../wire/capture-format';
import { FragmentTable, type FragmentFault } from '../wire/fragments';
import { checkIpv4, IP_PROTOCOL_TCP, ipv4IsFragment, ipv4Protocol } from '../wire/ipv4';
import { ipv4OffsetInFrame } from '../wire/link';
import { emptySegmentView, viewSegment, type SegmentFault, type SegmentView } from '../wire/segment';
import { CaptureError } from './devices';
import type { CapturedEndpoint } from './filter';

/** Why a packet is no client segment that can be played. */
export type FileReject =
  | SegmentFault
  | 'not-ipv4'
  /** TCP, but not to a copied port: the servers' own words among others. */
  | 'not-copied'
  /** A fragment that does not make its datagram whole. */
  | 'fragment-part';

export type FileCounters = {
  packets: number;
  segments: number;
} & Partial<Record<`rejected_${FileReject}`, number>> &
  Partial<Record<`damaged_${CaptureFaultReason}`, number>> &
  Partial<Record<`lost_${FragmentFault}`, number>>;

/** A part of the file that cannot be used: the first of its kind. */
export interface Damage {
  readonly reason: CaptureFaultReason;
  /** Bytes from the start of the file. */
  readonly at: number;
}

export class CaptureFile {
  readonly counters: FileCounters = { packets: 0, segments: 0 };
  /** The first of each kind. */
  readonly damages: Damage[] = [];
  /** When the last packet was captured, in seconds since the epoch. */
  timestamp = 0;
  readonly #view = emptySegmentView();
  readonly #fragments = new FragmentTable((reason) => this.#count(`lost_${reason}`));
  readonly #decoder = new CaptureFileDecoder(new Uint8Array(CAPTURE_BUFFER_BYTES));
  #read_bytes = 0;
  #ended = false;

  private constructor(
    private readonly handle: FileHandle,
    private readonly endpoints: readonly CapturedEndpoint[],
    readonly size_bytes: number,
  ) {}

  /** @throws CaptureError when it cannot be read, or is no capture file */
  static async open(path: string, endpoints: readonly CapturedEndpoint[]): Promise<CaptureFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const { size } = await handle.stat();
      const file = new CaptureFile(handle, endpoints, size);
      await file.read();
      if (isCaptureFile(file.#decoder.bytes.subarray(0, file.#read_bytes))) return file;
      await handle.close();
    } catch (cause) {
      await handle?.close();
      throw new CaptureError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
    throw new CaptureError(`${path} is no capture file (pcap or pcapng)`);
  }

  /** Share of the file that was read. */
  get share(): number {
    return this.size_bytes === 0 ? 1 : Math.min(1, this.#read_bytes / this.size_bytes);
  }

  /**
   * The next client segment among what was read; it is valid until the next call or the next reading. Undefined when
   * more must be read first.
   */
  next(): SegmentView | undefined {
    for (let event = this.#decoder.next(); event; event = this.#decoder.next()) {
      if (event.kind === 'fault') {
        this.#damaged(event);
        continue;
      }
      this.counters.packets += 1;
      this.timestamp = event.timestamp ?? this.timestamp;
      const reason = this.#take(event);
      if (reason === undefined) {
        this.counters.segments += 1;
        return this.#view;
      }
      this.#count(`rejected_${reason}`);
    }
    return undefined;
  }

  /** Reads on. @returns false when the file is at its end, and nothing more comes */
  async read(): Promise<boolean> {
    if (this.#ended) return false;
    const room = this.#decoder.room();
    // One after the other, so that the file may be a pipe as well.
    const { bytesRead } = await this.handle.read(room, 0, room.length, null);
    this.#read_bytes += bytesRead;
    this.#decoder.filled(bytesRead);
    if (bytesRead === 0) {
      this.#ended = true;
      this.#fragments.end();
    }
    return true;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  #take({ offset, capturedLength, linkType }: CapturedPacket): FileReject | undefined {
    const { bytes } = this.#decoder;
    const within = ipv4OffsetInFrame(bytes, offset, capturedLength, linkType);
    if (within < 0) return 'not-ipv4';
    const at = offset + within;
    const available = capturedLength - within;
    if (checkIpv4(bytes, at, available) === undefined && ipv4IsFragment(bytes, at)) {
      if (ipv4Protocol(bytes, at) !== IP_PROTOCOL_TCP) return 'not-tcp';
      const whole = this.#fragments.add(bytes, at, available, this.timestamp);
      return whole ? this.#viewOf(whole, 0, whole.length) : 'fragment-part';
    }
    return this.#viewOf(bytes, at, available);
  }

  #viewOf(bytes: Uint8Array, at: number, available: number): FileReject | undefined {
    const view = this.#view;
    const fault = viewSegment(view, bytes, at, available, 'headers');
    if (fault) return fault;
    const copied = this.endpoints.some(
      ({ address, port }) =>
        port === view.destinationPort && (address === undefined || address === view.destination),
    );
    if (!copied) return 'not-copied';
    return view.payloadOffset + view.payloadLength > at + available ? 'payload-truncated' : undefined;
  }

  #damaged({ reason, at }: Damage): void {
    const name = `damaged_${reason}` as const;
    if (this.counters[name] === undefined) this.damages.push({ reason, at });
    this.#count(name);
  }

  #count(name: Exclude<keyof FileCounters, 'packets' | 'segments'>): void {
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }
}

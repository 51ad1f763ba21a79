/** Client segments from capture files, one file after the other; every packet in them is accounted for. */
import { CAPTURE_BUFFER_BYTES } from '../../wire/capture/capture-file';
import type { CapturedPacket } from '../../wire/capture/capture-format';
import type { FragmentFault } from '../../wire/ip/fragments';
import { checkSegment } from '../../wire/segment-checksum';
import type { CapturedEndpoint } from '../filter';
import { CaptureError } from '../devices';
import { CaptureFile, nameOf, type Damage } from './capture-file';
import type { CapturedSegment, SegmentSource } from './captured-segment';
import { ChecksumEvidence } from './checksum-evidence';
import { FrameIntake, type BothWays, type FrameReject } from './frame-intake';
import type { Findings } from './survey';

export type FileCounters = {
  packets: number;
  segments: number;
} & Partial<Record<`rejected_${FrameReject | 'tcp-checksum'}`, number>> &
  Partial<Record<`damaged_${Damage['reason']}`, number>> &
  Partial<Record<`lost_${FragmentFault}`, number>>;

/** A file that begins so much before the one before it has ended was captured beside it, not after it. */
const OVERLAP_MIN_S = 1;

export class CaptureFiles implements SegmentSource {
  readonly counters: FileCounters = { packets: 0, segments: 0 };
  /** The first of each kind in each file. */
  readonly damages: Damage[] = [];
  /** Files that begin before the one before them has ended. */
  readonly overlapping: string[] = [];
  lowestSince = Infinity;
  readonly #intake: FrameIntake;
  #file!: CaptureFile;
  /** Of the file that is read: for each endpoint. */
  #evidence: readonly ChecksumEvidence[] = [];
  /** When the last packet was captured, as far as it is known. */
  #timestamp = 0;
  /** Since then the file before has ended. */
  #turned = false;
  /** Of the files before. */
  #read_bytes = 0;

  private constructor(
    private readonly following: string[],
    private readonly endpoints: readonly CapturedEndpoint[],
    /** Of several files. */
    private readonly sizes_bytes: number | undefined,
    private readonly buffer: Uint8Array<ArrayBuffer>,
    bothWays: BothWays | undefined,
  ) {
    this.#intake = new FrameIntake(endpoints, (reason) => this.#count(`lost_${reason}`), bothWays);
  }

  /**
   * @param bothWays is told of what servers said as well, as it is read
   * @throws CaptureError when one of them cannot be read, or is no capture file
   */
  static async open(
    paths: readonly string[],
    endpoints: readonly CapturedEndpoint[],
    bothWays?: BothWays,
  ): Promise<CaptureFiles> {
    const buffer = new Uint8Array(CAPTURE_BUFFER_BYTES);
    const beginnings = paths.length > 1 ? await inOrder(paths, buffer) : undefined;
    const size_bytes = beginnings?.reduce((sum, one) => sum + one.size_bytes, 0);
    const [first, ...following] = beginnings?.map(({ path }) => path) ?? paths;
    const files = new CaptureFiles(following, endpoints, size_bytes, buffer, bothWays);
    await files.#open(first!);
    return files;
  }

  /** What is in the files beside what was for a copied endpoint. */
  get findings(): Findings {
    return this.#intake.survey.findings;
  }

  /** Of all files, compressed as they may be; undefined where it is not known. */
  get size_bytes(): number | undefined {
    return this.sizes_bytes ?? this.#file.size_bytes;
  }

  /** Share of the files that was read. */
  get share(): number | undefined {
    const { size_bytes } = this;
    if (size_bytes === undefined) return undefined;
    return Math.min(1, (this.#read_bytes + this.#file.read_bytes) / Math.max(1, size_bytes));
  }

  next(): CapturedSegment | undefined {
    for (let packet = this.#file.next(); packet; packet = this.#file.next()) {
      this.counters.packets += 1;
      this.#clock(packet);
      const reason = this.#intake.take(this.#file.bytes, packet, this.#timestamp);
      if (reason === undefined) return this.#segment(packet.timestamp);
      this.#count(`rejected_${reason}`);
      this.lowestSince = Math.min(this.lowestSince, packet.timestamp ?? Infinity);
    }
    return undefined;
  }

  async read(): Promise<boolean> {
    if (await this.#file.read()) return true;
    const following = this.following.shift();
    if (following === undefined) {
      this.#intake.end();
      return false;
    }
    // What is not whole yet may become so in the next file: connections and fragments go on.
    this.#read_bytes += this.#file.read_bytes;
    this.#turned = true;
    await this.#file.close();
    await this.#open(following);
    return true;
  }

  /** A segment that came out is damaged, and is not played. */
  rejectCorrupt(): void {
    this.counters.segments -= 1;
    this.#count('rejected_tcp-checksum');
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #segment(timestamp: number | undefined): CapturedSegment {
    this.counters.segments += 1;
    const { view, endpoint } = this.#intake;
    const checksum = checkSegment(view);
    const evidence = this.#evidence[endpoint]!;
    evidence.note(checksum);
    const lowestBefore = this.lowestSince;
    this.lowestSince = Infinity;
    return { view, timestamp, lowestBefore, checksum, evidence };
  }

  #clock({ timestamp }: CapturedPacket): void {
    if (timestamp === undefined) return;
    if (this.#turned && timestamp < this.#timestamp - OVERLAP_MIN_S) this.overlapping.push(this.#file.path);
    this.#turned = false;
    this.#timestamp = timestamp;
  }

  async #open(path: string): Promise<void> {
    this.#file = await CaptureFile.open(path, (damage) => this.#damaged(damage), this.buffer);
    this.#evidence = this.endpoints.map(() => new ChecksumEvidence());
  }

  #damaged(damage: Damage): void {
    const { file, reason } = damage;
    if (!this.damages.some((known) => known.file === file && known.reason === reason))
      this.damages.push(damage);
    this.#count(`damaged_${reason}`);
  }

  #count(name: Exclude<keyof FileCounters, 'packets' | 'segments'>): void {
    this.counters[name] = (this.counters[name] ?? 0) + 1;
  }
}

interface Beginning {
  readonly path: string;
  readonly size_bytes: number;
  /** Infinity where the file tells no time. */
  readonly timestamp: number;
}

/** By when the first packet of each was captured. */
async function inOrder(paths: readonly string[], buffer: Uint8Array<ArrayBuffer>): Promise<Beginning[]> {
  const beginnings: Beginning[] = [];
  for (const path of paths) {
    const file = await CaptureFile.open(path, () => undefined, buffer);
    try {
      const { size_bytes } = file;
      if (size_bytes === undefined)
        throw new CaptureError(`${nameOf(path)} is no file, and several are read only from files`);
      beginnings.push({ path, size_bytes, timestamp: await firstTimestamp(file) });
    } finally {
      await file.close();
    }
  }
  return beginnings.sort((a, b) => (a.timestamp === b.timestamp ? 0 : a.timestamp - b.timestamp));
}

async function firstTimestamp(file: CaptureFile): Promise<number> {
  do {
    for (let packet = file.next(); packet; packet = file.next())
      if (packet.timestamp !== undefined) return packet.timestamp;
  } while (await file.read());
  return Infinity;
}

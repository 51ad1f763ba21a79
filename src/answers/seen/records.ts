/**
 * Segments of compared connections, as who saw them tells who compares. A record: what it is (u8), flags (u8), source and destination
 * (address 16 bytes, that of IPv4 mapped into IPv6; port u16), sequence and acknowledgment (u32 each), when it was seen (f64, ms), how
 * long its payload is (u32), and that; integers are big-endian.
 */
import { readAnyAddress, writeAnyAddress } from '../../wire/address/address';
import { readU16, readU32, writeU16, writeU32 } from '../../wire/big-endian';
import { seqAdd } from '../../wire/sequence';
import { emptySegmentView, type SegmentView } from '../../wire/segment';
import { FIN, RST, SYN } from '../../wire/tcp';

/**
 * `client`: to the online server. `server`: from it. `copy`: to the test server. `response`: from it, to the copy. `left-out`: nothing
 * more is told of the connection that this is the source and destination of, until it begins anew.
 */
export const SEEN = ['client', 'server', 'copy', 'response', 'left-out'] as const;
export type Seen = (typeof SEEN)[number];

export class SeenError extends Error {
  override readonly name = 'SeenError';
}

const RECORD_BYTES = 58;
const WINDOW = 0xffff;
/** Of records that leave together: a frame's. */
export const BATCH_BYTES = 60_000;
/** What is longer is told as several segments. */
const PAYLOAD_MAX_BYTES = 32_768;

/** Records one behind the other, as many as fit. */
export class SeenBatch {
  readonly #bytes = new Uint8Array(BATCH_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** @param full is lent the records; nothing waits then */
  constructor(private readonly full: (records: Uint8Array) => void) {}

  /** @param time_ms of the clock that its side goes by */
  add(seen: Seen, segment: SegmentView, time_ms: number): void {
    const { payloadLength, flags } = segment;
    let from = 0;
    do {
      const until = Math.min(payloadLength, from + PAYLOAD_MAX_BYTES);
      // Its end comes with its last part, its beginning with the first.
      const part = (until < payloadLength ? flags & ~(FIN | RST) : flags) & (from > 0 ? ~SYN : ~0);
      this.#put(seen, segment, part, from, until, time_ms);
      from = until;
    } while (from < payloadLength);
  }

  flush(): void {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    this.full(this.#bytes.subarray(0, length));
  }

  #put(seen: Seen, segment: SegmentView, flags: number, from: number, until: number, time_ms: number): void {
    if (this.#length + RECORD_BYTES + until - from > BATCH_BYTES) this.flush();
    const bytes = this.#bytes;
    const at = this.#length;
    bytes[at] = SEEN.indexOf(seen);
    bytes[at + 1] = flags;
    writeAnyAddress(bytes, at + 2, segment.source);
    writeU16(bytes, at + 18, segment.sourcePort);
    writeAnyAddress(bytes, at + 20, segment.destination);
    writeU16(bytes, at + 36, segment.destinationPort);
    writeU32(bytes, at + 38, seqAdd(segment.sequence, from > 0 && segment.flags & SYN ? from + 1 : from));
    writeU32(bytes, at + 42, segment.acknowledgment);
    this.#view.setFloat64(at + 46, time_ms);
    writeU32(bytes, at + 54, until - from);
    const payload = segment.payloadOffset;
    bytes.set(segment.bytes.subarray(payload + from, payload + until), at + RECORD_BYTES);
    this.#length = at + RECORD_BYTES + until - from;
  }
}

/** @param take the segment is borrowed for the call @throws SeenError for what are no records */
export function readSeen(
  records: Uint8Array,
  take: (seen: Seen, segment: SegmentView, time_ms: number) => void,
): void {
  const times = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const segment = emptySegmentView();
  segment.bytes = records;
  // It is not told: its sender takes more.
  segment.window = WINDOW;
  for (let at = 0; at < records.length;) {
    const left_bytes = records.length - at - RECORD_BYTES;
    const seen = SEEN[records[at]!];
    const payload_bytes = left_bytes < 0 ? Infinity : readU32(records, at + 54);
    if (seen === undefined || payload_bytes > left_bytes)
      throw new SeenError('a record is none, or not whole');
    const source = readAnyAddress(records, at + 2);
    const destination = readAnyAddress(records, at + 20);
    if (source === undefined || destination === undefined)
      throw new SeenError('it brings more IPv6 addresses than are told apart');
    segment.source = source;
    segment.destination = destination;
    segment.flags = records[at + 1]!;
    segment.sourcePort = readU16(records, at + 18);
    segment.destinationPort = readU16(records, at + 36);
    segment.sequence = readU32(records, at + 38);
    segment.acknowledgment = readU32(records, at + 42);
    segment.payloadOffset = at + RECORD_BYTES;
    segment.payloadLength = payload_bytes;
    const time_ms = times.getFloat64(at + 46);
    at += RECORD_BYTES + payload_bytes;
    take(seen, segment, time_ms);
  }
}

/**
 * Capture files in the classic pcap format (IETF draft-ietf-opsawg-pcap): a header of 24 bytes, then records of
 * 16 bytes and the captured bytes. Read in either byte order, with microseconds or nanoseconds.
 */

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
export const PCAP_FILE_HEADER_BYTES = 24;
export const PCAP_RECORD_HEADER_BYTES = 16;
/** Larger than any frame; a record that claims more means that the file is damaged there. */
const RECORD_BYTES_MAX = 0x40000;

export interface PcapFileHeader {
  readonly littleEndian: boolean;
  /** Units of the record's second time field in a second: 10^6 or 10^9. */
  readonly fractionsPerSecond: number;
  readonly linkType: number;
}

export interface PcapRecord {
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** Where the captured bytes begin, from the start of the buffer. */
  readonly offset: number;
  /** Bytes in the file. */
  readonly capturedLength: number;
  /** Bytes that were on the wire. */
  readonly originalLength: number;
}

/** Why a buffer is no capture file, or stops being one; `offset` is in bytes from the start of the buffer. */
export class PcapError extends Error {
  override readonly name = 'PcapError';
  constructor(
    readonly code: 'not-pcap' | 'record-truncated' | 'record-damaged',
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

export function readPcapFileHeader(bytes: Uint8Array): PcapFileHeader {
  if (bytes.length < PCAP_FILE_HEADER_BYTES) {
    throw new PcapError('not-pcap', 0, `a pcap file has at least 24 bytes, this one has ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    return {
      littleEndian,
      fractionsPerSecond: magic === MAGIC_NANOSECONDS ? 1e9 : 1e6,
      linkType: view.getUint32(20, littleEndian) & 0x0fffffff,
    };
  }
  throw new PcapError(
    'not-pcap',
    0,
    `no pcap magic number: the file begins with 0x${view.getUint32(0).toString(16)}`,
  );
}

/** Yields the records of a whole file. @throws PcapError where the file is cut off or damaged, after what was whole */
export function* readPcap(bytes: Uint8Array): Generator<PcapRecord, void, void> {
  const header = readPcapFileHeader(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = PCAP_FILE_HEADER_BYTES;
  while (at < bytes.length) {
    if (at + PCAP_RECORD_HEADER_BYTES > bytes.length) {
      throw new PcapError('record-truncated', at, `the file ends inside a record header at byte ${at}`);
    }
    const capturedLength = view.getUint32(at + 8, header.littleEndian);
    if (capturedLength > RECORD_BYTES_MAX) {
      throw new PcapError(
        'record-damaged',
        at,
        `a record of ${capturedLength} bytes at byte ${at} cannot be`,
      );
    }
    const offset = at + PCAP_RECORD_HEADER_BYTES;
    if (offset + capturedLength > bytes.length) {
      throw new PcapError('record-truncated', at, `the file ends inside the record at byte ${at}`);
    }
    yield {
      timestamp:
        view.getUint32(at, header.littleEndian) +
        view.getUint32(at + 4, header.littleEndian) / header.fractionsPerSecond,
      offset,
      capturedLength,
      originalLength: view.getUint32(at + 12, header.littleEndian),
    };
    at = offset + capturedLength;
  }
}

/** The header of a little-endian microsecond file. */
export function emitPcapFileHeader(linkType: number): Uint8Array {
  const bytes = new Uint8Array(PCAP_FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC_MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, RECORD_BYTES_MAX, true);
  view.setUint32(20, linkType, true);
  return bytes;
}

/** One whole frame as a little-endian microsecond record. @param timestamp seconds since the epoch */
export function emitPcapRecord(frame: Uint8Array, timestamp: number): Uint8Array {
  const bytes = new Uint8Array(PCAP_RECORD_HEADER_BYTES + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(timestamp), true);
  view.setUint32(4, Math.floor((timestamp % 1) * 1e6), true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  bytes.set(frame, PCAP_RECORD_HEADER_BYTES);
  return bytes;
}

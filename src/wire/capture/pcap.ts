/**
 * Capture files in the classic pcap format (IETF draft-ietf-opsawg-pcap): a header of 24 bytes, then records of
 * 16 bytes and the captured bytes. Read in either byte order, with microseconds or nanoseconds.
 */
import { fault, need, PACKET_BYTES_MAX, pass, type CaptureFormat, type Step } from './capture-format';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
export const PCAP_FILE_HEADER_BYTES = 24;
export const PCAP_RECORD_HEADER_BYTES = 16;
/** The rest of the field tells of frame check sequences. */
const LINK_TYPE_MASK = 0xffff;
/** Where records are searched behind damage, one that is so far in time from the last is none. */
const TIME_APART_MAX_S = 86_400;

interface PcapFileHeader {
  readonly littleEndian: boolean;
  /** Units of the record's second time field in a second: 10^6 or 10^9. */
  readonly fractionsPerSecond: number;
  readonly linkType: number;
}

/** Whether a file that begins with these four bytes is one. */
export const isPcap = (bytes: Uint8Array, at: number): boolean =>
  [true, false].some((littleEndian) => {
    const magic = viewOf(bytes).getUint32(at, littleEndian);
    return magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS;
  });

/** Undefined when the 24 bytes at `at` are none. */
export function readPcapFileHeader(bytes: Uint8Array, at = 0): PcapFileHeader | undefined {
  if (bytes.length - at < PCAP_FILE_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(at, littleEndian);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    return {
      littleEndian,
      fractionsPerSecond: magic === MAGIC_NANOSECONDS ? 1e9 : 1e6,
      linkType: view.getUint32(at + 20, littleEndian) & LINK_TYPE_MASK,
    };
  }
  return undefined;
}

export class PcapFormat implements CaptureFormat {
  #header: PcapFileHeader | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = viewOf(this.#bytes);
  #second = 0;
  #searching = false;

  step(bytes: Uint8Array, at: number, end: number, last: boolean): Step {
    if (this.#bytes !== bytes) this.#view = viewOf((this.#bytes = bytes));
    if (!this.#header) {
      if (end - at < PCAP_FILE_HEADER_BYTES) return need(PCAP_FILE_HEADER_BYTES);
      this.#header = readPcapFileHeader(bytes, at);
      return this.#header ? pass(PCAP_FILE_HEADER_BYTES) : fault('record-damaged', end - at);
    }
    if (this.#searching) return this.#search(this.#header, at, end, last);
    return this.#record(this.#header, at, end);
  }

  #record({ littleEndian, fractionsPerSecond, linkType }: PcapFileHeader, at: number, end: number): Step {
    if (end - at < PCAP_RECORD_HEADER_BYTES) return need(PCAP_RECORD_HEADER_BYTES);
    const view = this.#view;
    const capturedLength = view.getUint32(at + 8, littleEndian);
    if (capturedLength > PACKET_BYTES_MAX) {
      this.#searching = true;
      return fault('record-damaged', 1);
    }
    const step_bytes = PCAP_RECORD_HEADER_BYTES + capturedLength;
    if (end - at < step_bytes) return need(step_bytes);
    this.#second = view.getUint32(at, littleEndian);
    return {
      kind: 'packet',
      timestamp: this.#second + view.getUint32(at + 4, littleEndian) / fractionsPerSecond,
      offset: at + PCAP_RECORD_HEADER_BYTES,
      capturedLength,
      originalLength: view.getUint32(at + 12, littleEndian),
      linkType,
      step_bytes,
    };
  }

  /** Passes what lies before the next record. A record is believed when another, or the end of the file, follows it. */
  #search(header: PcapFileHeader, at: number, end: number, last: boolean): Step {
    for (let place = at; place < end; place += 1) {
      if (end - place < PCAP_RECORD_HEADER_BYTES) {
        if (last) break;
        return place > at ? pass(place - at) : need(PCAP_RECORD_HEADER_BYTES);
      }
      const length = this.#plausibleLength(header, place);
      if (length === undefined) continue;
      const following = place + PCAP_RECORD_HEADER_BYTES + length;
      const atEnd = last && following === end;
      if (!atEnd && end - following < PCAP_RECORD_HEADER_BYTES) {
        if (last) continue;
        return place > at ? pass(place - at) : need(length + 2 * PCAP_RECORD_HEADER_BYTES);
      }
      if (!atEnd && this.#plausibleLength(header, following) === undefined) continue;
      this.#searching = false;
      return place > at ? pass(place - at) : this.#record(header, at, end);
    }
    return pass(end - at);
  }

  #plausibleLength({ littleEndian, fractionsPerSecond }: PcapFileHeader, at: number): number | undefined {
    const captured = this.#view.getUint32(at + 8, littleEndian);
    const original = this.#view.getUint32(at + 12, littleEndian);
    if (captured === 0 || captured > original || original > PACKET_BYTES_MAX) return undefined;
    if (this.#view.getUint32(at + 4, littleEndian) >= fractionsPerSecond) return undefined;
    const apart_s = Math.abs(this.#view.getUint32(at, littleEndian) - this.#second);
    return this.#second === 0 || apart_s <= TIME_APART_MAX_S ? captured : undefined;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The header of a little-endian microsecond file. */
export function emitPcapFileHeader(linkType: number): Uint8Array {
  const bytes = new Uint8Array(PCAP_FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC_MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, PACKET_BYTES_MAX, true);
  view.setUint32(20, linkType, true);
  return bytes;
}

/** One whole frame as a little-endian microsecond record. @param timestamp seconds since the epoch */
export function emitPcapRecord(
  frame: Uint8Array,
  timestamp: number,
  originalLength = frame.length,
): Uint8Array {
  const bytes = new Uint8Array(PCAP_RECORD_HEADER_BYTES + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(timestamp), true);
  view.setUint32(4, Math.floor((timestamp % 1) * 1e6), true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, originalLength, true);
  bytes.set(frame, PCAP_RECORD_HEADER_BYTES);
  return bytes;
}

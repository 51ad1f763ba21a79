/**
 * Capture files in the pcapng format (IETF draft-ietf-opsawg-pcapng): blocks, each with its type and its length at both
 * ends. A section may have its own byte order and any number of interfaces.
 */
import {
  fault,
  need,
  NEED_BYTES_MAX,
  PACKET_BYTES_MAX,
  pass,
  type CaptureFaultReason,
  type CaptureFormat,
  type Step,
} from './capture-format';
import { readPcapngInterface, type PcapngInterface } from './pcapng-interface';

const BLOCK = {
  section: 0x0a0d0d0a,
  interface: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  nameResolution: 4,
  statistics: 5,
  enhancedPacket: 6,
} as const;
const BLOCK_TYPES: ReadonlySet<number> = new Set<number>(Object.values(BLOCK));

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type, length, and the length again. */
const BLOCK_BYTES_MIN = 12;
const SECTION_BYTES_MIN = 28;
const BODY = 8;
const TRAILER_BYTES = 4;
/** Of enhanced and obsolete packet blocks: interface, timestamp, lengths. */
const PACKET_DATA = 28;
const SIMPLE_DATA = 12;
const INTERFACES_MAX = 65_536;

export const isPcapng = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x0a && bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0d && bytes[at + 3] === 0x0a;

export class PcapngFormat implements CaptureFormat {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  #searching = false;

  step(bytes: Uint8Array, at: number, end: number, last: boolean): Step {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#searching ? this.#search(at, end, last) : this.#block(at, end);
  }

  #block(at: number, end: number): Step {
    if (end - at < BLOCK_BYTES_MIN) return need(BLOCK_BYTES_MIN);
    const littleEndian = this.#orderAt(at);
    if (littleEndian === undefined) return this.#damaged();
    const type = this.#view.getUint32(at, littleEndian);
    const length = this.#view.getUint32(at + 4, littleEndian);
    if (length < BLOCK_BYTES_MIN || length % 4 !== 0) return this.#damaged();
    const known = type === BLOCK.section || type === BLOCK.interface || isPacket(type);
    if (!known) return pass(length);
    if (length > NEED_BYTES_MAX) return this.#damaged();
    if (end - at < length) return need(length);
    if (this.#view.getUint32(at + length - TRAILER_BYTES, littleEndian) !== length) return this.#damaged();
    this.#littleEndian = littleEndian;
    if (type === BLOCK.section) return this.#section(length);
    if (type === BLOCK.interface) return this.#interface(at, length);
    return type === BLOCK.simplePacket ? this.#simplePacket(at, length) : this.#packet(type, at, length);
  }

  /** Whether the block is little-endian: a section says it, the others follow theirs. Undefined for no section. */
  #orderAt(at: number): boolean | undefined {
    if (this.#view.getUint32(at, true) !== BLOCK.section) return this.#littleEndian;
    for (const littleEndian of [true, false]) {
      if (this.#view.getUint32(at + BODY, littleEndian) === BYTE_ORDER_MAGIC) return littleEndian;
    }
    return undefined;
  }

  #damaged(): Step {
    this.#searching = true;
    return fault('record-damaged', 1);
  }

  #section(length: number): Step {
    this.#interfaces = [];
    return length < SECTION_BYTES_MIN ? fault('packet-damaged', length) : pass(length);
  }

  #interface(at: number, length: number): Step {
    if (this.#interfaces.length >= INTERFACES_MAX) return fault('interfaces-too-many', length);
    const described = readPcapngInterface(
      this.#view,
      at + BODY,
      at + length - TRAILER_BYTES,
      this.#littleEndian,
    );
    if (!described) return fault('packet-damaged', length);
    this.#interfaces.push(described);
    return pass(length);
  }

  #packet(type: number, at: number, length: number): Step {
    if (length < PACKET_DATA + TRAILER_BYTES) return fault('packet-damaged', length);
    const littleEndian = this.#littleEndian;
    const view = this.#view;
    const number =
      type === BLOCK.enhancedPacket
        ? view.getUint32(at + BODY, littleEndian)
        : view.getUint16(at + BODY, littleEndian);
    const from = this.#interfaces[number];
    if (!from) return fault('interface-unknown', length);
    const capturedLength = view.getUint32(at + 20, littleEndian);
    const tooLong = this.#tooLong(capturedLength, length - PACKET_DATA - TRAILER_BYTES);
    if (tooLong) return fault(tooLong, length);
    const units = view.getUint32(at + 12, littleEndian) * 2 ** 32 + view.getUint32(at + 16, littleEndian);
    return {
      kind: 'packet',
      timestamp: units / from.unitsPerSecond + from.offset_s,
      offset: at + PACKET_DATA,
      capturedLength,
      originalLength: view.getUint32(at + 24, littleEndian),
      linkType: from.linkType,
      step_bytes: length,
    };
  }

  /** It tells neither time nor interface, which is the first one, nor how much of the packet was captured. */
  #simplePacket(at: number, length: number): Step {
    if (length < SIMPLE_DATA + TRAILER_BYTES) return fault('packet-damaged', length);
    const from = this.#interfaces[0];
    if (!from) return fault('interface-unknown', length);
    const originalLength = this.#view.getUint32(at + BODY, this.#littleEndian);
    const capturedLength = Math.min(originalLength, from.snapLength || Infinity);
    const tooLong = this.#tooLong(capturedLength, length - SIMPLE_DATA - TRAILER_BYTES);
    if (tooLong) return fault(tooLong, length);
    return {
      kind: 'packet',
      timestamp: undefined,
      offset: at + SIMPLE_DATA,
      capturedLength,
      originalLength,
      linkType: from.linkType,
      step_bytes: length,
    };
  }

  #tooLong(capturedLength: number, room: number): CaptureFaultReason | undefined {
    return capturedLength > room || capturedLength > PACKET_BYTES_MAX ? 'packet-damaged' : undefined;
  }

  /** Passes what lies before the next block of a known type whose lengths at both ends agree. */
  #search(at: number, end: number, last: boolean): Step {
    for (let place = at; place < end; place += 1) {
      const missing = end - place < BLOCK_BYTES_MIN;
      const length = missing ? BLOCK_BYTES_MIN : this.#plausibleLength(place);
      if (length === undefined) continue;
      if (missing || end - place < length) {
        if (last) continue;
        return place > at ? pass(place - at) : need(length);
      }
      const littleEndian = this.#orderAt(place) ?? this.#littleEndian;
      if (this.#view.getUint32(place + length - TRAILER_BYTES, littleEndian) !== length) continue;
      this.#searching = false;
      return place > at ? pass(place - at) : this.#block(at, end);
    }
    return pass(end - at);
  }

  #plausibleLength(at: number): number | undefined {
    const littleEndian = this.#orderAt(at);
    if (littleEndian === undefined) return undefined;
    if (!BLOCK_TYPES.has(this.#view.getUint32(at, littleEndian))) return undefined;
    const length = this.#view.getUint32(at + 4, littleEndian);
    const sane = length >= BLOCK_BYTES_MIN && length % 4 === 0 && length <= NEED_BYTES_MAX;
    return sane ? length : undefined;
  }
}

const isPacket = (type: number): boolean =>
  type === BLOCK.enhancedPacket || type === BLOCK.simplePacket || type === BLOCK.obsoletePacket;

/**
 * Capture files in the format pcapng (IETF draft-ietf-opsawg-pcapng), written: a section in little-endian byte order, an
 * enhanced packet block for each frame, and the block of an interface somewhere before the first of its frames.
 */

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION = { end: 0, name: 2 } as const;
/** Type, total length, and the total length once more at the end. */
const FRAME_BYTES = 12;

export interface WrittenInterface {
  /** As Wireshark shows it. */
  readonly name: string;
  /** Of www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
}

export interface WrittenFrame {
  /** Place of its interface among those of the section, from 0. */
  readonly interface: number;
  /** Seconds since the epoch; microseconds of it are kept. */
  readonly timestamp: number;
  /** As far as it was captured. */
  readonly bytes: Uint8Array;
  readonly originalLength: number;
}

/** What a file begins with. */
export function emitPcapngSection(): Uint8Array {
  return block(BLOCK.section, 16, (view) => {
    view.setUint32(0, BYTE_ORDER_MAGIC, true);
    view.setUint16(4, 1, true);
    // The section's length is not known before it ends.
    view.setBigInt64(8, -1n, true);
  });
}

/** Its times are microseconds, the default, and its frames as long as they like (a snapshot length of 0). */
export function emitPcapngInterface({ name, linkType }: WrittenInterface): Uint8Array {
  const text = new TextEncoder().encode(name);
  return block(BLOCK.interface, 8 + 4 + padded(text.length) + 4, (view, body) => {
    view.setUint16(0, linkType, true);
    view.setUint16(8, OPTION.name, true);
    view.setUint16(10, text.length, true);
    body.set(text, 12);
    view.setUint16(12 + padded(text.length), OPTION.end, true);
  });
}

export function emitPcapngFrame({
  interface: place,
  timestamp,
  bytes,
  originalLength,
}: WrittenFrame): Uint8Array {
  return block(BLOCK.packet, 20 + padded(bytes.length), (view, body) => {
    const time_us = BigInt(Math.round(timestamp * 1e6));
    view.setUint32(0, place, true);
    view.setUint32(4, Number(time_us >> 32n), true);
    view.setUint32(8, Number(time_us & 0xffffffffn), true);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, originalLength, true);
    body.set(bytes, 20);
  });
}

function block(
  type: number,
  bodyBytes: number,
  write: (view: DataView, body: Uint8Array) => void,
): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES + bodyBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  view.setUint32(bytes.length - 4, bytes.length, true);
  write(new DataView(bytes.buffer, 8, bodyBytes), bytes.subarray(8, 8 + bodyBytes));
  return bytes;
}

/** Blocks end on words of four bytes. */
const padded = (length: number): number => (length + 3) & ~3;

/** Unsigned big-endian integers, the network byte order (RFC 1700). Offsets are not checked. */

export const readU16 = (b: Uint8Array, o: number): number => (b[o]! << 8) | b[o + 1]!;

export const readU32 = (b: Uint8Array, o: number): number =>
  ((b[o]! << 24) | (b[o + 1]! << 16) | (b[o + 2]! << 8) | b[o + 3]!) >>> 0;

/** Keeps the low 16 bits of `value`. */
export function writeU16(b: Uint8Array, o: number, value: number): void {
  b[o] = value >>> 8;
  b[o + 1] = value;
}

/** Keeps the low 32 bits of `value`. */
export function writeU32(b: Uint8Array, o: number, value: number): void {
  b[o] = value >>> 24;
  b[o + 1] = value >>> 16;
  b[o + 2] = value >>> 8;
  b[o + 3] = value;
}

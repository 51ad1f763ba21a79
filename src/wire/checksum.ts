/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit big-endian words.
 *
 * `sumBytes` returns an unfolded sum, so that sums over several ranges can be added before `finishChecksum`.
 */
import { sumOf, type Address } from './address/address';

const IP_PROTOCOL_TCP = 6;

/** Unfolded sum of `length` bytes from `offset`. An odd last byte is padded with zero (RFC 1071, section 4.1). */
export function sumBytes(bytes: Uint8Array, offset: number, length: number, initial = 0): number {
  let sum = initial;
  const end = offset + (length & ~1);
  let at = offset;
  for (; at < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  if (length & 1) sum += bytes[at]! << 8;
  return sum;
}

/**
 * The same sum, folded to 16 bits, of memory that is read by words of 32 bits: half the steps of `sumBytes`. Two 16-bit words
 * in the other byte order come to the same sum in the other byte order (RFC 1071, section 2, B).
 *
 * @param words of a little-endian machine (src/kernel/libc) @param offset bytes, a multiple of 4
 * @param length bytes; up to the next multiple of 4 those behind them must be zero
 */
export function sumWords(words: Uint32Array, offset: number, length: number): number {
  let sum = 0;
  const end = (offset + length + 3) >>> 2;
  for (let at = offset >>> 2; at < end; at += 1) {
    const word = words[at]!;
    sum += (word & 0xffff) + (word >>> 16);
  }
  const folded = ~finishChecksum(sum);
  return ((folded & 0xff) << 8) | ((folded >>> 8) & 0xff);
}

/** Folds a sum to 16 bits and complements it: the value that goes into the header. */
export function finishChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/**
 * TCP checksum over the pseudo-header of either family (RFC 9293, section 3.1; RFC 8200, section 8.1) and the segment.
 * The checksum field within the segment must be zero, or the result is the residue: 0 for a correct segment.
 */
export function tcpChecksum(
  bytes: Uint8Array,
  tcpOffset: number,
  tcpLength: number,
  source: Address,
  destination: Address,
): number {
  const pseudo = pseudoHeaderSum(source, destination, tcpLength);
  return finishChecksum(sumBytes(bytes, tcpOffset, tcpLength, pseudo));
}

/**
 * Unfolded sum of the pseudo-header: what a machine puts into the checksum's place when its network card computes the rest.
 */
export const pseudoHeaderSum = (source: Address, destination: Address, tcpLength: number): number =>
  sumOf(source) + sumOf(destination) + IP_PROTOCOL_TCP + tcpLength;

/** Updates a checksum after one 16-bit word changed from `before` to `after` (RFC 1624, equation 3). */
export function updateChecksum(checksum: number, before: number, after: number): number {
  return finishChecksum((~checksum & 0xffff) + (~before & 0xffff) + after);
}

/**
 * IPv4 header (RFC 791, section 3.1). Offsets count from the first byte of the header; all fields are big-endian.
 *
 * Getters read without checks: call `checkIpv4` once at the boundary.
 */
import { readU16, readU32, writeU16, writeU32 } from '../big-endian';
import { finishChecksum, sumBytes } from '../checksum';

const VERSION_IHL = 0; //     4 bits version, 4 bits header length in 32-bit words
const TOTAL_LENGTH = 2; //    u16, bytes, header included
const IDENTIFICATION = 4; //  u16
const FLAGS_FRAGMENT = 6; //  3 bits flags, 13 bits fragment offset in units of 8 bytes
const TTL = 8; //             u8, hops
const PROTOCOL = 9; //        u8
const CHECKSUM = 10; //       u16, over the header
const SOURCE = 12; //         u32
const DESTINATION = 16; //    u32

export const IPV4_HEADER_MIN_BYTES = 20;
export const IPV4_FLAG_DONT_FRAGMENT = 0x4000;
const FLAG_MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET_MASK = 0x1fff;

export const IP_PROTOCOL_TCP = 6;

export type Ipv4Fault =
  | 'ipv4-truncated'
  | 'ipv4-not-version-4'
  | 'ipv4-bad-header-length'
  | 'ipv4-bad-total-length';

/**
 * The one length check: undefined when the header fits into `available` bytes, and into the total length.
 *
 * @param wire_bytes how long the packet was on the wire, padding included, where that is known: then its total length may be
 * 0, as it is for super-packets of segmentation offload (TSO, BIG TCP)
 */
export function checkIpv4(
  bytes: Uint8Array,
  offset: number,
  available: number,
  wire_bytes = 0,
): Ipv4Fault | undefined {
  if (available < IPV4_HEADER_MIN_BYTES) return 'ipv4-truncated';
  if (bytes[offset + VERSION_IHL]! >>> 4 !== 4) return 'ipv4-not-version-4';
  const headerLength = ipv4HeaderLength(bytes, offset);
  if (headerLength < IPV4_HEADER_MIN_BYTES) return 'ipv4-bad-header-length';
  if (headerLength > available) return 'ipv4-truncated';
  if (ipv4Length(bytes, offset, wire_bytes) < headerLength) return 'ipv4-bad-total-length';
  return undefined;
}

/** Bytes of the whole packet: by its total length, or else as many as there were on the wire. */
export const ipv4Length = (b: Uint8Array, o: number, wire_bytes: number): number =>
  ipv4TotalLength(b, o) || wire_bytes;

/** Bytes. */
export const ipv4HeaderLength = (b: Uint8Array, o: number): number => (b[o + VERSION_IHL]! & 0x0f) * 4;
/** Bytes, header included; 0 where offload left it open. */
export const ipv4TotalLength = (b: Uint8Array, o: number): number => readU16(b, o + TOTAL_LENGTH);
export const ipv4Identification = (b: Uint8Array, o: number): number => readU16(b, o + IDENTIFICATION);
export const ipv4Ttl = (b: Uint8Array, o: number): number => b[o + TTL]!;
export const ipv4Protocol = (b: Uint8Array, o: number): number => b[o + PROTOCOL]!;
export const ipv4Source = (b: Uint8Array, o: number): number => readU32(b, o + SOURCE);
export const ipv4Destination = (b: Uint8Array, o: number): number => readU32(b, o + DESTINATION);

/** True for any piece of a fragmented datagram, the first included. */
export const ipv4IsFragment = (b: Uint8Array, o: number): boolean =>
  (readU16(b, o + FLAGS_FRAGMENT) & (FLAG_MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) !== 0;

/** Where a fragment's payload stands in that of its datagram, in bytes. */
export const ipv4FragmentOffset = (b: Uint8Array, o: number): number =>
  (readU16(b, o + FLAGS_FRAGMENT) & FRAGMENT_OFFSET_MASK) * 8;
export const ipv4MoreFragments = (b: Uint8Array, o: number): boolean =>
  (readU16(b, o + FLAGS_FRAGMENT) & FLAG_MORE_FRAGMENTS) !== 0;

/** Turns the header of a first fragment into that of the whole datagram; the checksum is not computed anew. */
export function putIpv4Whole(b: Uint8Array, o: number, totalLength: number): void {
  writeU16(b, o + TOTAL_LENGTH, totalLength);
  writeU16(b, o + FLAGS_FRAGMENT, 0);
}

export interface Ipv4Fields {
  /** Bytes, header included. */
  readonly totalLength: number;
  readonly identification: number;
  readonly ttl: number;
  readonly protocol: number;
  /** Host order. */
  readonly source: number;
  /** Host order. */
  readonly destination: number;
}

/** Writes a header of 20 bytes without options, Don't Fragment set, checksum included. */
export function emitIpv4(bytes: Uint8Array, offset: number, fields: Ipv4Fields): void {
  bytes[offset + VERSION_IHL] = 0x45;
  bytes[offset + 1] = 0;
  writeU16(bytes, offset + TOTAL_LENGTH, fields.totalLength);
  writeU16(bytes, offset + IDENTIFICATION, fields.identification);
  writeU16(bytes, offset + FLAGS_FRAGMENT, IPV4_FLAG_DONT_FRAGMENT);
  bytes[offset + TTL] = fields.ttl;
  bytes[offset + PROTOCOL] = fields.protocol;
  writeU16(bytes, offset + CHECKSUM, 0);
  writeU32(bytes, offset + SOURCE, fields.source);
  writeU32(bytes, offset + DESTINATION, fields.destination);
  writeU16(bytes, offset + CHECKSUM, finishChecksum(sumBytes(bytes, offset, IPV4_HEADER_MIN_BYTES)));
}

/**
 * IPv6 header and the extension headers that may stand before TCP (RFC 8200, sections 3 and 4). Offsets count from the first
 * byte of the header; all fields are big-endian.
 */
import { isMappedAt, readIpv6Address, writeIpv6Address, type Address } from '../address/address';
import { readU16, writeU16, writeU32 } from '../big-endian';

const VERSION = 0; //         4 bits version, 8 bits traffic class, 20 bits flow label
const PAYLOAD_LENGTH = 4; //  u16, bytes, what follows the header
const NEXT_HEADER = 6; //     u8
const HOP_LIMIT = 7; //       u8
const SOURCE = 8; //          16 bytes
const DESTINATION = 24; //    16 bytes

export const IPV6_HEADER_BYTES = 40;
/** Next header and length in units of 8 bytes, the first one not counted. */
const EXTENSION_MIN_BYTES = 8;
/** Next header, reserved, 13 bits offset with a flag, identification (section 4.5). */
export const FRAGMENT_HEADER_BYTES = 8;

export const NEXT_HEADER_OF = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  destinationOptions: 60,
} as const;

export type Ipv6Fault =
  | 'ipv6-truncated'
  | 'ipv6-not-version-6'
  | 'ipv6-bad-payload-length'
  /** An IPv4-mapped address, which is never on the wire. */
  | 'ipv6-bad-address'
  /** So many addresses are in use that there is no room for another one. */
  | 'ipv6-addresses-exhausted';

/** What is behind the headers. Filled by `walkIpv6`. */
export interface Ipv6Walk {
  /** Of the first header that is no extension, or of a fragment's header. */
  protocol: number;
  /** Where that header begins. */
  at: number;
  /** Where the protocol's number stands. */
  protocolAt: number;
}

/**
 * Passes the header and its extensions, up to a fragment's header unless that one is a whole packet's (RFC 6946).
 *
 * @param available bytes that are there from `offset` on
 */
export function walkIpv6(
  walk: Ipv6Walk,
  bytes: Uint8Array,
  offset: number,
  available: number,
): Ipv6Fault | undefined {
  if (available < IPV6_HEADER_BYTES) return 'ipv6-truncated';
  if (bytes[offset + VERSION]! >>> 4 !== 6) return 'ipv6-not-version-6';
  const end = offset + available;
  let [protocolAt, at] = [offset + NEXT_HEADER, offset + IPV6_HEADER_BYTES];
  while (isExtension(bytes[protocolAt]!)) {
    if (at + EXTENSION_MIN_BYTES > end) return 'ipv6-truncated';
    const isFragment = bytes[protocolAt] === NEXT_HEADER_OF.fragment;
    if (isFragment && !isWhole(bytes, at)) break;
    const length = isFragment ? FRAGMENT_HEADER_BYTES : EXTENSION_MIN_BYTES + bytes[at + 1]! * 8;
    protocolAt = at;
    at += length;
  }
  if (at > end) return 'ipv6-truncated';
  walk.protocol = bytes[protocolAt]!;
  walk.protocolAt = protocolAt;
  walk.at = at;
  return undefined;
}

const isExtension = (protocol: number): boolean =>
  protocol === NEXT_HEADER_OF.hopByHop ||
  protocol === NEXT_HEADER_OF.routing ||
  protocol === NEXT_HEADER_OF.fragment ||
  protocol === NEXT_HEADER_OF.destinationOptions;

/** @param at of a fragment's header */
const isWhole = (bytes: Uint8Array, at: number): boolean => (readU16(bytes, at + 2) & 0xfff9) === 0;

export const emptyIpv6Walk = (): Ipv6Walk => ({ protocol: 0, at: 0, protocolAt: 0 });

/**
 * Bytes of the whole packet. By a payload length of 0, as it is for super-packets of segmentation offload and jumbograms (RFC
 * 2675), as many as there were on the wire.
 */
export const ipv6Length = (b: Uint8Array, o: number, wire_bytes: number): number => {
  const payload_bytes = readU16(b, o + PAYLOAD_LENGTH);
  return payload_bytes === 0 ? wire_bytes : IPV6_HEADER_BYTES + payload_bytes;
};

/** Bytes behind the header; 0 where it is not told here. */
export const ipv6PayloadLength = (b: Uint8Array, o: number): number => readU16(b, o + PAYLOAD_LENGTH);
export const hasMappedAddress = (b: Uint8Array, o: number): boolean =>
  isMappedAt(b, o + SOURCE) || isMappedAt(b, o + DESTINATION);
/** Undefined while there are more addresses than can be known. */
export const ipv6Source = (b: Uint8Array, o: number): Address | undefined => readIpv6Address(b, o + SOURCE);
export const ipv6Destination = (b: Uint8Array, o: number): Address | undefined =>
  readIpv6Address(b, o + DESTINATION);

export const putIpv6PayloadLength = (b: Uint8Array, o: number, length: number): void =>
  writeU16(b, o + PAYLOAD_LENGTH, length);

/** Of a fragment's header. Offset in bytes. */
export const ipv6FragmentOffset = (b: Uint8Array, at: number): number => readU16(b, at + 2) & 0xfff8;
export const ipv6MoreFragments = (b: Uint8Array, at: number): boolean => (b[at + 3]! & 1) !== 0;

export interface Ipv6Fields {
  /** Bytes behind the header. */
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Address;
  readonly destination: Address;
}

/** Writes a header of 40 bytes, without traffic class and flow label. */
export function emitIpv6(bytes: Uint8Array, offset: number, fields: Ipv6Fields): void {
  writeU32(bytes, offset + VERSION, 0x6000_0000);
  writeU16(bytes, offset + PAYLOAD_LENGTH, fields.payloadLength);
  bytes[offset + NEXT_HEADER] = fields.nextHeader;
  bytes[offset + HOP_LIMIT] = fields.hopLimit;
  writeIpv6Address(bytes, offset + SOURCE, fields.source);
  writeIpv6Address(bytes, offset + DESTINATION, fields.destination);
}

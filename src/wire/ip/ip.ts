/** A TCP segment's IP header, of the family that its addresses have. */
import { isIpv6, type Address } from '../address/address';
import {
  checkIpv4,
  emitIpv4,
  IP_PROTOCOL_TCP,
  IPV4_HEADER_MIN_BYTES,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  type Ipv4Fault,
} from './ipv4';
import {
  emitIpv6,
  emptyIpv6Walk,
  FRAGMENT_HEADER_BYTES,
  IPV6_HEADER_BYTES,
  ipv6Destination,
  ipv6FragmentOffset,
  NEXT_HEADER_OF,
  walkIpv6,
  type Ipv6Fault,
} from './ipv6';

export type IpFault = Ipv4Fault | Ipv6Fault;

export interface IpFields {
  readonly source: Address;
  /** Of the same family. */
  readonly destination: Address;
  /** Hops. */
  readonly ttl: number;
  /** IPv4's alone. */
  readonly identification: number;
}

/** Longest of those that are written here. */
export const IP_HEADER_MAX_BYTES = IPV6_HEADER_BYTES;

/** Of the header that `emitIp` writes to this address. */
export const ipHeader_bytes = (address: Address): number =>
  isIpv6(address) ? IPV6_HEADER_BYTES : IPV4_HEADER_MIN_BYTES;

/** Filled for each header: none is an object of its own. */
const ipv4 = {
  totalLength: 0,
  identification: 0,
  ttl: 0,
  protocol: IP_PROTOCOL_TCP,
  source: 0,
  destination: 0,
};

/** Writes a header without options or extensions in front of `segment_bytes` of TCP. @returns its length */
export function emitIp(bytes: Uint8Array, offset: number, fields: IpFields, segment_bytes: number): number {
  if (isIpv6(fields.destination)) {
    emitIpv6(bytes, offset, {
      payloadLength: segment_bytes,
      nextHeader: IP_PROTOCOL_TCP,
      hopLimit: fields.ttl,
      source: fields.source,
      destination: fields.destination,
    });
    return IPV6_HEADER_BYTES;
  }
  ipv4.totalLength = IPV4_HEADER_MIN_BYTES + segment_bytes;
  ipv4.identification = fields.identification;
  ipv4.ttl = fields.ttl;
  ipv4.source = fields.source;
  ipv4.destination = fields.destination;
  emitIpv4(bytes, offset, ipv4);
  return IPV4_HEADER_MIN_BYTES;
}

/** Of a packet of either family; undefined where there is none. */
export function destinationOf(bytes: Uint8Array, offset: number, available: number): Address | undefined {
  if (available > 0 && bytes[offset]! >>> 4 === 6)
    return available < IPV6_HEADER_BYTES ? undefined : ipv6Destination(bytes, offset);
  return checkIpv4(bytes, offset, available) === undefined ? ipv4Destination(bytes, offset) : undefined;
}

const walk = emptyIpv6Walk();

/**
 * Where TCP begins in a packet of either family: `none` where there is none, or the packet is a later fragment, without ports;
 * `cut` where the headers before it are not all there.
 */
export function tcpOffsetIn(bytes: Uint8Array, offset: number, available: number): number | 'none' | 'cut' {
  if (available > 0 && bytes[offset]! >>> 4 === 6) return tcpOffsetInIpv6(bytes, offset, available);
  if (checkIpv4(bytes, offset, available) !== undefined) return 'cut';
  const isFirst = ipv4FragmentOffset(bytes, offset) === 0;
  if (ipv4Protocol(bytes, offset) !== IP_PROTOCOL_TCP || !isFirst) return 'none';
  return offset + ipv4HeaderLength(bytes, offset);
}

function tcpOffsetInIpv6(bytes: Uint8Array, offset: number, available: number): number | 'none' | 'cut' {
  if (walkIpv6(walk, bytes, offset, available) !== undefined) return 'cut';
  const { protocol, at } = walk;
  if (protocol !== NEXT_HEADER_OF.fragment) return protocol === IP_PROTOCOL_TCP ? at : 'none';
  const behind = at + FRAGMENT_HEADER_BYTES;
  if (behind > offset + available) return 'cut';
  const isFirst = ipv6FragmentOffset(bytes, at) === 0;
  // What stands behind further headers is not looked for: it is nobody's.
  if (!isFirst) return 'none';
  return bytes[at] === IP_PROTOCOL_TCP ? behind : 'cut';
}

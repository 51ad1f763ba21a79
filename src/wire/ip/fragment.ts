/** One fragment of an IP packet, whatever its family, as those need it who put packets together again. */
import {
  checkIpv4,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  putIpv4Whole,
} from './ipv4';
import { readU32 } from '../big-endian';
import {
  emptyIpv6Walk,
  FRAGMENT_HEADER_BYTES,
  IPV6_HEADER_BYTES,
  ipv6FragmentOffset,
  ipv6MoreFragments,
  ipv6PayloadLength,
  NEXT_HEADER_OF,
  putIpv6PayloadLength,
  walkIpv6,
} from './ipv6';

export interface Fragment {
  /** Names its packet: both addresses and the identification, for IPv4 the protocol as well. */
  readonly key: string;
  /** Where its bytes stand in the packet's payload. */
  readonly from: number;
  /** Others are to come behind it. */
  readonly more: boolean;
  /** Where they stand in the bytes that were read. */
  readonly payloadFrom: number;
  readonly payloadTo: number;
  /** Behind the headers that each fragment has. */
  readonly headerTo: number;
  /** Of what is in the packet. */
  readonly protocol: number;
  /** Where the header says what follows it. */
  readonly protocolAt: number;
}

/** @returns undefined for what is no fragment, or is not there to its end */
export const readFragment = (bytes: Uint8Array, offset: number, available: number): Fragment | undefined =>
  available > 0 && bytes[offset]! >>> 4 === 6
    ? fragmentOfIpv6(bytes, offset, available)
    : fragmentOfIpv4(bytes, offset, available);

/** Of the packet that it is the first fragment of; its length is still a fragment's. */
export function wholeHeader(
  { headerTo, protocol, protocolAt }: Fragment,
  bytes: Uint8Array,
  offset: number,
): Uint8Array {
  const header = bytes.slice(offset, headerTo);
  header[protocolAt - offset] = protocol;
  return header;
}

/** @param packet whole, its header that of `wholeHeader` */
export function putWholeLength(packet: Uint8Array): void {
  if (packet[0]! >>> 4 === 6) putIpv6PayloadLength(packet, 0, packet.length - IPV6_HEADER_BYTES);
  else putIpv4Whole(packet, 0, packet.length);
}

const PROTOCOL_AT = 9;

function fragmentOfIpv4(bytes: Uint8Array, offset: number, available: number): Fragment | undefined {
  const totalLength = ipv4TotalLength(bytes, offset);
  if (checkIpv4(bytes, offset, available) !== undefined || totalLength > available) return undefined;
  const protocol = ipv4Protocol(bytes, offset);
  const ends = `${ipv4Source(bytes, offset)} ${ipv4Destination(bytes, offset)}`;
  const headerTo = offset + ipv4HeaderLength(bytes, offset);
  return {
    key: `${ends} ${protocol} ${ipv4Identification(bytes, offset)}`,
    from: ipv4FragmentOffset(bytes, offset),
    more: ipv4MoreFragments(bytes, offset),
    payloadFrom: headerTo,
    payloadTo: offset + totalLength,
    headerTo,
    protocol,
    protocolAt: offset + PROTOCOL_AT,
  };
}

const ADDRESSES_FROM = 8;
const IDENTIFICATION_AT = 4;

function fragmentOfIpv6(bytes: Uint8Array, offset: number, available: number): Fragment | undefined {
  const walk = emptyIpv6Walk();
  if (walkIpv6(walk, bytes, offset, available) !== undefined) return undefined;
  const { at, protocol, protocolAt } = walk;
  const end = offset + IPV6_HEADER_BYTES + ipv6PayloadLength(bytes, offset);
  const payloadFrom = at + FRAGMENT_HEADER_BYTES;
  if (protocol !== NEXT_HEADER_OF.fragment || end > offset + available || payloadFrom > end) return undefined;
  const ends = Buffer.from(bytes.subarray(offset + ADDRESSES_FROM, offset + IPV6_HEADER_BYTES)).toString(
    'latin1',
  );
  return {
    key: `${ends} ${readU32(bytes, at + IDENTIFICATION_AT)}`,
    from: ipv6FragmentOffset(bytes, at),
    more: ipv6MoreFragments(bytes, at),
    payloadFrom,
    payloadTo: end,
    headerTo: at,
    protocol: bytes[at]!,
    protocolAt,
  };
}

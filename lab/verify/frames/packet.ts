/** IP packets of both families, as far as an audit must know them. */
import { familyOf, formatAddress, type Address } from '../../../src/wire/address/address';
import { readU16 } from '../../../src/wire/big-endian';
import {
  IP_PROTOCOL_TCP,
  IPV4_HEADER_MIN_BYTES,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
} from '../../../src/wire/ip/ipv4';
import { formatSegment } from '../../../src/wire/print';
import type { SegmentView } from '../../../src/wire/segment';
import type { IpPacket } from './frame';
import { EXTENSIONS, ipv6PacketAt } from './ipv6';

export type { IpPacket };

const FRAGMENT = 6;
const FRAGMENT_OFFSET = 0x1fff;

/** @param end where the capture of the frame ends. Undefined when the packet is cut off within its headers. */
export function ipPacketAt(bytes: Uint8Array, at: number, end: number): IpPacket | undefined {
  if (at + IPV4_HEADER_MIN_BYTES > end) return undefined;
  if (bytes[at]! >>> 4 === 6) return ipv6PacketAt(bytes, at, end);
  const isFirst = (readU16(bytes, at + FRAGMENT) & FRAGMENT_OFFSET) === 0;
  return {
    at,
    end,
    source: ipv4Source(bytes, at),
    destination: ipv4Destination(bytes, at),
    protocol: ipv4Protocol(bytes, at),
    payloadAt: at + ipv4HeaderLength(bytes, at),
    fragment: !ipv4IsFragment(bytes, at) ? 'none' : isFirst ? 'first' : 'later',
  };
}

/** It is a part of a segment, or may be one: of a later fragment that begins with another header nobody knows. */
export const mayBeTcp = ({ source, protocol, fragment }: IpPacket): boolean =>
  protocol === IP_PROTOCOL_TCP ||
  (familyOf(source) === 6 && fragment === 'later' && EXTENSIONS.has(protocol));

/** As tcpdump begins its lines. */
export const packetText = ({ source, destination }: Pick<IpPacket, 'source' | 'destination'>): string =>
  `${familyText(source)} ${formatAddress(source)} > ${formatAddress(destination)}`;

/** As tcpdump prints it. */
export const segmentText = (segment: SegmentView): string =>
  formatSegment(segment).replace(/^IP6? /, `${familyText(segment.source)} `);

const familyText = (address: Address): string => (familyOf(address) === 6 ? 'IP6' : 'IP');

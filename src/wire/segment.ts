/**
 * A TCP segment inside an IP packet: a view, offsets and lengths over bytes that stay where they are.
 *
 * The view is filled by `viewSegment` and may be filled again for the next packet, so it is borrowed for a call.
 * Lengths are checked here, once; checksums are not, because offload makes captured ones wrong (`segment-checksum` tells
 * which are).
 */
import type { Address } from './address/address';
import type { IpFault } from './ip/ip';
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Length,
  ipv4Protocol,
  ipv4Source,
} from './ip/ipv4';
import {
  emptyIpv6Walk,
  hasMappedAddress,
  ipv6Destination,
  ipv6Length,
  ipv6Source,
  NEXT_HEADER_OF,
  walkIpv6,
} from './ip/ipv6';
import {
  checkTcp,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
  type TcpFault,
} from './tcp';

export type SegmentFault =
  | IpFault
  | TcpFault
  | 'ipv4-fragment'
  | 'ipv6-fragment'
  | 'not-tcp'
  | 'payload-truncated';

export interface SegmentView {
  bytes: Uint8Array;
  ipOffset: number;
  tcpOffset: number;
  payloadOffset: number;
  /** Bytes on the wire. A SYN may have some as well (TCP Fast Open, RFC 7413): they follow its own sequence number. */
  payloadLength: number;
  source: Address;
  destination: Address;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: number;
  /** Unscaled. */
  window: number;
}

export const emptySegmentView = (): SegmentView => ({
  bytes: new Uint8Array(0),
  ipOffset: 0,
  tcpOffset: 0,
  payloadOffset: 0,
  payloadLength: 0,
  source: 0,
  destination: 0,
  sourcePort: 0,
  destinationPort: 0,
  sequence: 0,
  acknowledgment: 0,
  flags: 0,
  window: 0,
});

/** `headers`: the payload may be missing from the bytes (a snapped capture, a queue that copies headers only). */
export type PayloadNeed = 'whole' | 'headers';

/**
 * Fills `view` from an IP packet of `available` bytes at `offset`.
 *
 * Bytes behind the packet's own length (Ethernet padding) are ignored. A length of zero, as capture sees it on super-packets
 * of segmentation offload, stands for all that was on the wire; where that is not known it is a fault.
 *
 * @param wire_bytes how long the packet was on the wire; 0 where it is not known
 * @returns the reason why this is no usable segment, or undefined
 */
export function viewSegment(
  view: SegmentView,
  bytes: Uint8Array,
  offset: number,
  available: number,
  need: PayloadNeed,
  wire_bytes = need === 'whole' ? available : 0,
): SegmentFault | undefined {
  return available > 0 && bytes[offset]! >>> 4 === 6
    ? viewOverIpv6(view, bytes, offset, available, need, wire_bytes)
    : viewOverIpv4(view, bytes, offset, available, need, wire_bytes);
}

function viewOverIpv4(
  view: SegmentView,
  bytes: Uint8Array,
  offset: number,
  available: number,
  need: PayloadNeed,
  wire_bytes: number,
): SegmentFault | undefined {
  const ipFault = checkIpv4(bytes, offset, available, wire_bytes);
  if (ipFault) return ipFault;
  if (ipv4Protocol(bytes, offset) !== IP_PROTOCOL_TCP) return 'not-tcp';
  if (ipv4IsFragment(bytes, offset)) return 'ipv4-fragment';
  const totalLength = ipv4Length(bytes, offset, wire_bytes);
  const tcpOffset = offset + ipv4HeaderLength(bytes, offset);
  const tcpFault = viewTcp(view, bytes, offset, tcpOffset, available, totalLength, need);
  if (tcpFault) return tcpFault;
  view.source = ipv4Source(bytes, offset);
  view.destination = ipv4Destination(bytes, offset);
  return undefined;
}

const walk = emptyIpv6Walk();

function viewOverIpv6(
  view: SegmentView,
  bytes: Uint8Array,
  offset: number,
  available: number,
  need: PayloadNeed,
  wire_bytes: number,
): SegmentFault | undefined {
  const ipFault = walkIpv6(walk, bytes, offset, available);
  if (ipFault) return ipFault;
  if (walk.protocol === NEXT_HEADER_OF.fragment) return 'ipv6-fragment';
  if (walk.protocol !== IP_PROTOCOL_TCP) return 'not-tcp';
  if (hasMappedAddress(bytes, offset)) return 'ipv6-bad-address';
  const totalLength = ipv6Length(bytes, offset, wire_bytes);
  if (offset + totalLength < walk.at) return 'ipv6-bad-payload-length';
  const tcpFault = viewTcp(view, bytes, offset, walk.at, available, totalLength, need);
  if (tcpFault) return tcpFault;
  const source = ipv6Source(bytes, offset);
  const destination = ipv6Destination(bytes, offset);
  if (source === undefined || destination === undefined) return 'ipv6-addresses-exhausted';
  view.source = source;
  view.destination = destination;
  return undefined;
}

/**
 * Fills what of `view` is TCP's, behind whatever headers: all but the addresses.
 *
 * @param totalLength of the IP packet, which begins at `offset`, and of which `available` bytes are there
 */
export function viewTcp(
  view: SegmentView,
  bytes: Uint8Array,
  offset: number,
  tcpOffset: number,
  available: number,
  totalLength: number,
  need: PayloadNeed,
): SegmentFault | undefined {
  const fault = checkTcp(bytes, tcpOffset, offset + Math.min(available, totalLength) - tcpOffset);
  if (fault) return fault;
  if (need === 'whole' && totalLength > available) return 'payload-truncated';
  view.bytes = bytes;
  view.ipOffset = offset;
  view.tcpOffset = tcpOffset;
  view.payloadOffset = tcpOffset + tcpHeaderLength(bytes, tcpOffset);
  view.payloadLength = offset + totalLength - view.payloadOffset;
  view.sourcePort = tcpSourcePort(bytes, tcpOffset);
  view.destinationPort = tcpDestinationPort(bytes, tcpOffset);
  view.sequence = tcpSequence(bytes, tcpOffset);
  view.acknowledgment = tcpAcknowledgment(bytes, tcpOffset);
  view.flags = tcpFlags(bytes, tcpOffset);
  view.window = tcpWindow(bytes, tcpOffset);
  return undefined;
}

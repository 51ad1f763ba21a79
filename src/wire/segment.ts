/**
 * A TCP segment inside an IPv4 packet: a view, offsets and lengths over bytes that stay where they are.
 *
 * The view is filled by `viewSegment` and may be filled again for the next packet, so it is borrowed for a call.
 * Lengths are checked here, once; checksums are not, because offload makes captured ones wrong (`segment-checksum` tells
 * which are).
 */
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Length,
  ipv4Protocol,
  ipv4Source,
  type Ipv4Fault,
} from './ipv4';
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

export type SegmentFault = Ipv4Fault | TcpFault | 'ipv4-fragment' | 'not-tcp' | 'payload-truncated';

export interface SegmentView {
  bytes: Uint8Array;
  ipOffset: number;
  tcpOffset: number;
  payloadOffset: number;
  /** Bytes on the wire. A SYN may have some as well (TCP Fast Open, RFC 7413): they follow its own sequence number. */
  payloadLength: number;
  /** Addresses in host order. */
  source: number;
  destination: number;
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
 * Fills `view` from an IPv4 packet of `available` bytes at `offset`.
 *
 * Bytes behind the total length (Ethernet padding) are ignored. A total length of zero, as capture sees it on super-packets
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
  const ipFault = checkIpv4(bytes, offset, available, wire_bytes);
  if (ipFault) return ipFault;
  if (ipv4Protocol(bytes, offset) !== IP_PROTOCOL_TCP) return 'not-tcp';
  if (ipv4IsFragment(bytes, offset)) return 'ipv4-fragment';
  const ipHeaderLength = ipv4HeaderLength(bytes, offset);
  const totalLength = ipv4Length(bytes, offset, wire_bytes);
  const tcpOffset = offset + ipHeaderLength;
  const tcpFault = checkTcp(bytes, tcpOffset, Math.min(available, totalLength) - ipHeaderLength);
  if (tcpFault) return tcpFault;
  if (need === 'whole' && totalLength > available) return 'payload-truncated';

  view.bytes = bytes;
  view.ipOffset = offset;
  view.tcpOffset = tcpOffset;
  view.payloadOffset = tcpOffset + tcpHeaderLength(bytes, tcpOffset);
  view.payloadLength = offset + totalLength - view.payloadOffset;
  view.source = ipv4Source(bytes, offset);
  view.destination = ipv4Destination(bytes, offset);
  view.sourcePort = tcpSourcePort(bytes, tcpOffset);
  view.destinationPort = tcpDestinationPort(bytes, tcpOffset);
  view.sequence = tcpSequence(bytes, tcpOffset);
  view.acknowledgment = tcpAcknowledgment(bytes, tcpOffset);
  view.flags = tcpFlags(bytes, tcpOffset);
  view.window = tcpWindow(bytes, tcpOffset);
  return undefined;
}

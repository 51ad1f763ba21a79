/** IP packets on the way to TCP over IPv4: what else they carry, and the packets and frames that are packed into them. */
import { readU16 } from '../big-endian';
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Length,
  ipv4Protocol,
  type Ipv4Fault,
} from '../ipv4';
import { ETHERTYPE, lacks, narrow, pass, takeOff, unsupported, type Cursor, type WalkFault } from './cursor';
import { passGre } from './gre';
import { isTunnelPort, passUdp } from './udp-tunnels';

/** Where a walk ends with something that is of use. */
export type WalkEnd =
  /** A whole IPv4 packet with TCP stands at the cursor. */
  | 'tcp'
  /** A fragment of one, or of a packet that may be a tunnel's. */
  | 'fragment'
  /** TCP over IPv6: the cursor is at its header. */
  | 'ipv6-tcp'
  | WalkFault
  | Ipv4Fault;

const PROTOCOL = {
  hopByHop: 0,
  ipv4: 4,
  tcp: IP_PROTOCOL_TCP,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  destinationOptions: 60,
  etherIp: 97,
  mpls: 137,
} as const;

/** Not taken off. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  50: 'IPsec (ESP)',
  51: 'IPsec (AH)',
  94: 'IPIP (94)',
  108: 'IPComp',
  115: 'L2TP',
};
const NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  17: 'UDP',
  58: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};
/** What a fragment may be part of. */
const MAY_CARRY: ReadonlySet<number> = new Set<number>([
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.ipv4,
  PROTOCOL.ipv6,
  PROTOCOL.gre,
  PROTOCOL.etherIp,
  PROTOCOL.mpls,
]);

const ETHER_IP_HEADER_BYTES = 2;
const IPV6_HEADER_BYTES = 40;
/** Next header and length in units of 8 bytes, the first one not counted (RFC 8200, section 4). */
const EXTENSION_MIN_BYTES = 8;

export function passIpv4(cursor: Cursor): WalkEnd | undefined {
  const { bytes, at, end, wireEnd } = cursor;
  const wire_bytes = wireEnd - at;
  const fault = checkIpv4(bytes, at, end - at, wire_bytes);
  if (fault) return fault;
  const protocol = ipv4Protocol(bytes, at);
  if (ipv4IsFragment(bytes, at)) return fragment(cursor, protocol);
  if (protocol === PROTOCOL.tcp) return 'tcp';
  narrow(cursor, ipv4Length(bytes, at, wire_bytes));
  cursor.at += ipv4HeaderLength(bytes, at);
  return passProtocol(cursor, protocol);
}

/** Only the first fragment of UDP shows whether the others may be a tunnel's. */
function fragment(cursor: Cursor, protocol: number): WalkEnd {
  const { bytes, at, end } = cursor;
  const isFirst = ipv4FragmentOffset(bytes, at) === 0;
  const inside = { ...cursor, at: Math.min(end, at + ipv4HeaderLength(bytes, at)) };
  const isPlain = protocol === PROTOCOL.udp && isFirst && !isTunnelPort(inside);
  if (MAY_CARRY.has(protocol) && !isPlain) return 'fragment';
  cursor.what = NAMES[protocol] ?? `IP protocol ${protocol}`;
  return 'not-tcp';
}

export function passIpv6(cursor: Cursor): WalkEnd | undefined {
  if (lacks(cursor, IPV6_HEADER_BYTES)) return 'encapsulation-truncated';
  const { bytes, at } = cursor;
  const payload_bytes = readU16(bytes, at + 4);
  // 0 is a jumbogram's (RFC 2675), which tells its length further on, or that of a super-packet.
  if (payload_bytes > 0) narrow(cursor, IPV6_HEADER_BYTES + payload_bytes);
  let protocol = bytes[at + 6]!;
  cursor.at += IPV6_HEADER_BYTES;
  while (isExtension(protocol)) {
    if (lacks(cursor, EXTENSION_MIN_BYTES)) return 'encapsulation-truncated';
    protocol = bytes[cursor.at]!;
    cursor.at += EXTENSION_MIN_BYTES + bytes[cursor.at + 1]! * 8;
  }
  if (protocol === PROTOCOL.fragment) return unsupported(cursor, 'fragments of IPv6');
  if (protocol === PROTOCOL.tcp) {
    cursor.addresses = at + 8;
    return 'ipv6-tcp';
  }
  return passProtocol(cursor, protocol);
}

const isExtension = (protocol: number): boolean =>
  protocol === PROTOCOL.hopByHop || protocol === PROTOCOL.routing || protocol === PROTOCOL.destinationOptions;

function passProtocol(cursor: Cursor, protocol: number): WalkEnd | undefined {
  switch (protocol) {
    case PROTOCOL.ipv4:
      return takeOff(cursor, 'IP-in-IP', 0, ETHERTYPE.ipv4);
    case PROTOCOL.ipv6:
      return takeOff(cursor, 'IP-in-IP', 0, ETHERTYPE.ipv6);
    case PROTOCOL.gre:
      return passGre(cursor);
    case PROTOCOL.udp:
      return passUdp(cursor);
    case PROTOCOL.etherIp:
      return takeOff(cursor, 'EtherIP', ETHER_IP_HEADER_BYTES, ETHERTYPE.ethernet);
    case PROTOCOL.mpls:
      pass(cursor, 0, ETHERTYPE.mpls);
      return undefined;
    default: {
      const name = UNSUPPORTED[protocol];
      if (name !== undefined) return unsupported(cursor, name);
      cursor.what = NAMES[protocol] ?? `IP protocol ${protocol}`;
      return 'not-tcp';
    }
  }
}

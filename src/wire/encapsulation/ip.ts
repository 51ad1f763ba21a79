/** IP packets on the way to TCP: what else they carry, and the packets and frames that are packed into them. */
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Length,
  ipv4Protocol,
} from '../ip/ipv4';
import type { IpFault } from '../ip/ip';
import {
  emptyIpv6Walk,
  FRAGMENT_HEADER_BYTES,
  ipv6FragmentOffset,
  ipv6Length,
  NEXT_HEADER_OF,
  walkIpv6,
} from '../ip/ipv6';
import { ETHERTYPE, narrow, pass, takeOff, unsupported, type Cursor, type WalkFault } from './cursor';
import { passGre } from './gre';
import { isTunnelPort, passUdp } from './udp-tunnels';

/** Where a walk ends with something that is of use. */
export type WalkEnd =
  /** A whole packet with TCP stands at the cursor. */
  | 'tcp'
  /** A fragment of one, or of a packet that may be a tunnel's. */
  | 'fragment'
  | WalkFault
  | IpFault;

const PROTOCOL = {
  ipv4: 4,
  tcp: IP_PROTOCOL_TCP,
  udp: 17,
  ipv6: 41,
  fragment: NEXT_HEADER_OF.fragment,
  gre: 47,
  authentication: 51,
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

export function passIpv4(cursor: Cursor): WalkEnd | undefined {
  const { bytes, at, end, wireEnd } = cursor;
  const wire_bytes = wireEnd - at;
  const fault = checkIpv4(bytes, at, end - at, wire_bytes);
  if (fault) return fault;
  const protocol = ipv4Protocol(bytes, at);
  if (ipv4IsFragment(bytes, at))
    return fragment(cursor, protocol, ipv4FragmentOffset(bytes, at) === 0, at + ipv4HeaderLength(bytes, at));
  if (protocol === PROTOCOL.tcp) return 'tcp';
  narrow(cursor, ipv4Length(bytes, at, wire_bytes));
  cursor.at += ipv4HeaderLength(bytes, at);
  return passProtocol(cursor, protocol);
}

/** Only the first fragment of UDP shows whether the others may be a tunnel's. @param payloadAt where its payload begins */
function fragment(cursor: Cursor, protocol: number, isFirst: boolean, payloadAt: number): WalkEnd {
  const inside = { ...cursor, at: Math.min(cursor.end, payloadAt) };
  const isPlain = protocol === PROTOCOL.udp && isFirst && !isTunnelPort(inside);
  if (MAY_CARRY.has(protocol) && !isPlain) return 'fragment';
  cursor.what = NAMES[protocol] ?? `IP protocol ${protocol}`;
  return 'not-tcp';
}

const walk = emptyIpv6Walk();

export function passIpv6(cursor: Cursor): WalkEnd | undefined {
  const { bytes, at, end, wireEnd } = cursor;
  const fault = walkIpv6(walk, bytes, at, end - at);
  if (fault) return fault;
  if (walk.protocol === PROTOCOL.fragment) return fragmentOfIpv6(cursor);
  if (walk.protocol === PROTOCOL.tcp) return 'tcp';
  narrow(cursor, ipv6Length(bytes, at, wireEnd - at));
  cursor.at = walk.at;
  return passProtocol(cursor, walk.protocol);
}

/** The cursor stays at the header that all fragments have. */
function fragmentOfIpv6(cursor: Cursor): WalkEnd {
  const { bytes, end } = cursor;
  if (walk.at + FRAGMENT_HEADER_BYTES > end) return 'encapsulation-truncated';
  const isFirst = ipv6FragmentOffset(bytes, walk.at) === 0;
  return fragment(cursor, bytes[walk.at]!, isFirst, walk.at + FRAGMENT_HEADER_BYTES);
}

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

/** What is carried in UDP: VXLAN (RFC 7348, and its extension GPE), GENEVE (RFC 8926), MPLS (RFC 7510). */
import { readU16, readU32 } from '../big-endian';
import {
  ETHERTYPE,
  lacks,
  pass,
  takeOff,
  truncated,
  unsupported,
  type Cursor,
  type WalkFault,
} from './cursor';

const UDP_HEADER_BYTES = 8;
const DESTINATION_PORT = 2;

const PORT_VXLAN = 4789;
const PORT_VXLAN_OF_LINUX = 8472; // its default, from before RFC 7348
const PORT_VXLAN_GPE = 4790;
const PORT_GENEVE = 6081;
const PORT_MPLS = 6635;

/** Not taken off. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  1701: 'L2TP',
  2152: 'GTP-U',
  4500: 'IPsec (ESP in UDP)',
  6080: 'GUE',
  37008: 'TZSP',
  51820: 'WireGuard',
};

const VXLAN_HEADER_BYTES = 8;
const VXLAN_HAS_NETWORK = 0x08;
const VXLAN_HAS_PROTOCOL = 0x04; // GPE: byte 3 says what is in it
const GPE_PROTOCOLS: Readonly<Record<number, number>> = {
  1: ETHERTYPE.ipv4,
  2: ETHERTYPE.ipv6,
  3: ETHERTYPE.ethernet,
  5: ETHERTYPE.mpls,
};
const ETHERNET_TYPE = 12;

const GENEVE_HEADER_BYTES = 8;

/** Whether a datagram whose UDP header stands at the cursor may carry a frame or a packet. */
export function isTunnelPort(cursor: Cursor): boolean {
  if (lacks(cursor, UDP_HEADER_BYTES)) return false;
  const port = readU16(cursor.bytes, cursor.at + DESTINATION_PORT);
  return TUNNEL_PORTS.has(port) || looksLikeVxlan(cursor.bytes, cursor.at + UDP_HEADER_BYTES, cursor.end);
}

const TUNNEL_PORTS: ReadonlySet<number> = new Set([
  PORT_VXLAN,
  PORT_VXLAN_OF_LINUX,
  PORT_VXLAN_GPE,
  PORT_GENEVE,
  PORT_MPLS,
]);

export function passUdp(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, UDP_HEADER_BYTES)) return truncated(cursor, 'UDP');
  const port = readU16(cursor.bytes, cursor.at + DESTINATION_PORT);
  cursor.at += UDP_HEADER_BYTES;
  if (port === PORT_GENEVE) return passGeneve(cursor);
  if (port === PORT_MPLS) {
    pass(cursor, 0, ETHERTYPE.mpls);
    return undefined;
  }
  const { bytes, at, end } = cursor;
  if (TUNNEL_PORTS.has(port) || looksLikeVxlan(bytes, at, end)) return passVxlan(cursor);
  const name = UNSUPPORTED[port];
  if (name !== undefined) return unsupported(cursor, name);
  cursor.what = 'UDP';
  return 'not-tcp';
}

function passVxlan(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, VXLAN_HEADER_BYTES)) return truncated(cursor, 'VXLAN');
  const flags = cursor.bytes[cursor.at]!;
  if (flags & VXLAN_HAS_PROTOCOL) {
    const protocol = cursor.bytes[cursor.at + 3]!;
    const type = GPE_PROTOCOLS[protocol];
    if (type === undefined) return unsupported(cursor, `VXLAN-GPE of protocol ${protocol}`);
    return takeOff(cursor, 'VXLAN', VXLAN_HEADER_BYTES, type);
  }
  if (flags & VXLAN_HAS_NETWORK) return takeOff(cursor, 'VXLAN', VXLAN_HEADER_BYTES, ETHERTYPE.ethernet);
  cursor.what = 'UDP';
  return 'not-tcp';
}

/** People give VXLAN other ports. Its header is all zeros but for a flag and the network, and an IP packet is in the frame. */
function looksLikeVxlan(bytes: Uint8Array, at: number, end: number): boolean {
  const ethernet = at + VXLAN_HEADER_BYTES;
  if (ethernet + ETHERNET_TYPE + 2 > end) return false;
  if (readU32(bytes, at) !== VXLAN_HAS_NETWORK * 2 ** 24 || bytes[at + 7] !== 0) return false;
  const type = readU16(bytes, ethernet + ETHERNET_TYPE);
  return type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6 || type === ETHERTYPE.vlan;
}

/** u2 version, u6 length of the options in words, flags, EtherType, network. */
function passGeneve(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, GENEVE_HEADER_BYTES)) return truncated(cursor, 'GENEVE');
  const { bytes, at } = cursor;
  const version = bytes[at]! >>> 6;
  if (version > 0) return unsupported(cursor, `GENEVE of version ${version}`);
  const options_bytes = (bytes[at]! & 0x3f) * 4;
  return takeOff(cursor, 'GENEVE', GENEVE_HEADER_BYTES + options_bytes, readU16(bytes, at + 2));
}

/** Link-layer headers: where a captured frame begins to be something else, by the capture's link type. */
import { readU16 } from '../big-endian';
import { emptyCursor, ETHERTYPE, type Cursor } from './cursor';
import { isVlanTag, passEthernet, passVlanTag } from './ethernet';

/** Link types as pcap numbers them (IETF opsawg-pcaplinktype, "LINKTYPE_" values): those that are read. */
export const LINKTYPE = {
  null: 0, //       BSD loopback: u32 address family, host order of the capturing machine
  ethernet: 1,
  ppp: 9,
  rawOfLinux: 12, //   as raw: the number that Linux has for it within a machine, and that some tools write
  rawOfOpenBsd: 14, // the same of OpenBSD
  pppHdlc: 50, //   PPP in frames like HDLC's
  pppoe: 51, //     begins with the header of PPPoE
  raw: 101, //      begins with the IP header
  ciscoHdlc: 104, // address, control, EtherType
  loop: 108, //     OpenBSD loopback: as null, in network byte order
  linuxSll: 113, // Linux cooked v1: 16 bytes, protocol at 14
  pppWithDirection: 166, // PPP behind a byte that says who sent it
  mpls: 219,
  ipv4: 228, //     begins with the IPv4 header
  ipv6: 229, //     begins with the IPv6 header
  linuxSll2: 276, // Linux cooked v2: 20 bytes, protocol at 0
} as const;

const NAMES: Readonly<Record<number, string>> = {
  0: 'loopback of BSD',
  1: 'Ethernet',
  6: 'token ring',
  8: 'SLIP',
  9: 'PPP',
  10: 'FDDI',
  11: 'ATM',
  12: 'raw IP',
  14: 'raw IP',
  50: 'PPP',
  51: 'PPPoE',
  101: 'raw IP',
  104: "Cisco's HDLC",
  105: 'IEEE 802.11',
  107: 'frame relay',
  108: 'loopback of BSD',
  109: 'IPsec of OpenBSD',
  113: 'Linux cooked',
  117: 'PF log',
  119: 'IEEE 802.11 (Prism)',
  127: 'IEEE 802.11 (radiotap)',
  147: 'private use',
  163: 'IEEE 802.11 (AVS)',
  166: 'PPP',
  187: 'Bluetooth',
  189: 'USB',
  201: 'Bluetooth',
  219: 'MPLS',
  220: 'USB',
  228: 'raw IP',
  229: 'raw IP',
  239: 'NFLOG',
  253: 'netlink',
  271: 'VSOCK',
  276: 'Linux cooked',
};

export const linkTypeName = (linkType: number): string => NAMES[linkType] ?? `link type ${linkType}`;

/** Bytes before the next header. Ethernet's own is one that may stand within tunnels as well. */
const HEADER_BYTES: Readonly<Record<number, number>> = {
  [LINKTYPE.null]: 4,
  [LINKTYPE.ethernet]: 0,
  [LINKTYPE.ppp]: 0,
  [LINKTYPE.rawOfLinux]: 0,
  [LINKTYPE.rawOfOpenBsd]: 0,
  [LINKTYPE.pppHdlc]: 0,
  [LINKTYPE.pppoe]: 0,
  [LINKTYPE.raw]: 0,
  [LINKTYPE.ciscoHdlc]: 4,
  [LINKTYPE.loop]: 4,
  [LINKTYPE.linuxSll]: 16,
  [LINKTYPE.pppWithDirection]: 1,
  [LINKTYPE.mpls]: 0,
  [LINKTYPE.ipv4]: 0,
  [LINKTYPE.ipv6]: 0,
  [LINKTYPE.linuxSll2]: 20,
};

export type LinkFault =
  /** A link type that is not read. */
  | 'link-type-unknown'
  /** Not all of the link header is there. */
  | 'encapsulation-truncated';

/**
 * Sets `cursor` behind the link header of a frame of `captured` bytes at `offset`; before the addresses of an Ethernet frame.
 *
 * @param original bytes that the frame had on the wire
 */
export function enterFrame(
  cursor: Cursor,
  bytes: Uint8Array,
  offset: number,
  captured: number,
  original: number,
  linkType: number,
): LinkFault | undefined {
  cursor.bytes = bytes;
  cursor.at = offset;
  cursor.end = offset + captured;
  cursor.wireEnd = offset + Math.max(captured, original);
  cursor.unwrapped = 0;
  cursor.what = '';
  const header_bytes = HEADER_BYTES[linkType];
  if (header_bytes === undefined) return 'link-type-unknown';
  if (header_bytes > captured) return 'encapsulation-truncated';
  cursor.at += header_bytes;
  cursor.type = typeBehind(cursor, offset, linkType);
  return undefined;
}

/** What is behind a link header that begins at `offset`, as an EtherType. */
function typeBehind(cursor: Cursor, offset: number, linkType: number): number {
  const { bytes } = cursor;
  switch (linkType) {
    case LINKTYPE.ethernet:
      return ETHERTYPE.ethernet;
    case LINKTYPE.linuxSll:
      return readU16(bytes, offset + 14);
    case LINKTYPE.linuxSll2:
      return readU16(bytes, offset);
    case LINKTYPE.ciscoHdlc:
      return readU16(bytes, offset + 2);
    case LINKTYPE.ppp:
    case LINKTYPE.pppHdlc:
    case LINKTYPE.pppWithDirection:
      return ETHERTYPE.ppp;
    case LINKTYPE.pppoe:
      return ETHERTYPE.pppoeSession;
    case LINKTYPE.mpls:
      return ETHERTYPE.mpls;
    default:
      return ipTypeAt(cursor);
  }
}

/** By the version, which both families begin with; a type that nothing has where neither does. */
function ipTypeAt({ bytes, at, end }: Cursor): number {
  const version = at < end ? bytes[at]! >>> 4 : 0;
  if (version === 4) return ETHERTYPE.ipv4;
  return version === 6 ? ETHERTYPE.ipv6 : 0;
}

const cursor = emptyCursor();

/** Offset of the IPv4 header from the start of the frame, or -1 when the frame holds something else or is cut short. */
export function ipv4OffsetInFrame(
  bytes: Uint8Array,
  offset: number,
  length: number,
  linkType: number,
): number {
  if (enterFrame(cursor, bytes, offset, length, length, linkType)) return -1;
  if (cursor.type === ETHERTYPE.ethernet && passEthernet(cursor)) return -1;
  while (isVlanTag(cursor.type)) if (passVlanTag(cursor)) return -1;
  return cursor.type === ETHERTYPE.ipv4 ? cursor.at - offset : -1;
}

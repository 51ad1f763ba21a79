/** Link-layer headers: where the IPv4 header begins in a captured frame, by the capture's link type. */
import { readU16 } from './big-endian';

/** Link types as pcap numbers them (IETF opsawg-pcaplinktype, "LINKTYPE_" values). */
export const LINKTYPE = {
  null: 0, //       BSD loopback: u32 address family, host order of the capturing machine
  ethernet: 1,
  rawOfLinux: 12, //   as raw: the number that Linux has for it within a machine, and that some tools write
  rawOfOpenBsd: 14, // the same of OpenBSD
  raw: 101, //      begins with the IP header
  loop: 108, //     OpenBSD loopback: as null, in network byte order
  linuxSll: 113, // Linux cooked v1: 16 bytes, protocol at 14
  ipv4: 228, //     begins with the IPv4 header
  linuxSll2: 276, // Linux cooked v2: 20 bytes, protocol at 0
} as const;

const ETHERTYPE_IPV4 = 0x0800; // IEEE 802 numbers, as all of these
const ETHERTYPE_VLAN = 0x8100; // 802.1Q
const ETHERTYPE_QINQ = 0x88a8; // 802.1ad
const ETHERTYPE_QINQ_OLD = 0x9100; // before 802.1ad

const ETHERNET_HEADER_BYTES = 14;
const VLAN_TAG_BYTES = 4;
const LINUX_SLL_HEADER_BYTES = 16;
const LINUX_SLL2_HEADER_BYTES = 20;
const NULL_HEADER_BYTES = 4;

/** Offset of the IPv4 header from the start of the frame, or -1 when the frame holds something else or is cut short. */
export function ipv4OffsetInFrame(
  bytes: Uint8Array,
  offset: number,
  length: number,
  linkType: number,
): number {
  switch (linkType) {
    case LINKTYPE.ethernet:
      return skipVlanTags(bytes, offset, length, 12, ETHERNET_HEADER_BYTES);
    case LINKTYPE.linuxSll:
      return skipVlanTags(bytes, offset, length, 14, LINUX_SLL_HEADER_BYTES);
    case LINKTYPE.linuxSll2:
      return skipVlanTags(bytes, offset, length, 0, LINUX_SLL2_HEADER_BYTES);
    case LINKTYPE.null:
    case LINKTYPE.loop:
      return length > NULL_HEADER_BYTES && bytes[offset + NULL_HEADER_BYTES]! >>> 4 === 4
        ? NULL_HEADER_BYTES
        : -1;
    case LINKTYPE.raw:
    case LINKTYPE.rawOfLinux:
    case LINKTYPE.rawOfOpenBsd:
    case LINKTYPE.ipv4:
      return length > 0 && bytes[offset]! >>> 4 === 4 ? 0 : -1;
    default:
      return -1;
  }
}

/** @param typeOffset where the link header has the EtherType; a tag's own stands at its end, before what it tags */
function skipVlanTags(
  bytes: Uint8Array,
  offset: number,
  length: number,
  typeOffset: number,
  headerBytes: number,
): number {
  let type = typeOffset;
  let header = headerBytes;
  while (header <= length) {
    const value = readU16(bytes, offset + type);
    if (value === ETHERTYPE_IPV4) return header;
    if (value !== ETHERTYPE_VLAN && value !== ETHERTYPE_QINQ && value !== ETHERTYPE_QINQ_OLD) return -1;
    header += VLAN_TAG_BYTES;
    type = header - 2;
  }
  return -1;
}

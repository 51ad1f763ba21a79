/** Link-layer headers: where the IPv4 header begins in a captured frame, by the capture's link type. */
import { readU16 } from './big-endian';

/** Link types as pcap numbers them (IETF opsawg-pcaplinktype, "LINKTYPE_" values). */
export const LINKTYPE = {
  null: 0, //       BSD loopback: u32 address family, host order of the capturing machine
  ethernet: 1,
  raw: 101, //      begins with the IP header
  linuxSll: 113, // Linux cooked v1: 16 bytes, protocol at 14
  ipv4: 228, //     begins with the IPv4 header
  linuxSll2: 276, // Linux cooked v2: 20 bytes, protocol at 0
} as const;

const ETHERTYPE_IPV4 = 0x0800; // IEEE 802 numbers, as all of these
const ETHERTYPE_VLAN = 0x8100; // 802.1Q
const ETHERTYPE_QINQ = 0x88a8; // 802.1ad

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
      if (length < LINUX_SLL2_HEADER_BYTES) return -1;
      return readU16(bytes, offset) === ETHERTYPE_IPV4 ? LINUX_SLL2_HEADER_BYTES : -1;
    case LINKTYPE.null:
      return length > NULL_HEADER_BYTES && bytes[offset + NULL_HEADER_BYTES]! >>> 4 === 4
        ? NULL_HEADER_BYTES
        : -1;
    case LINKTYPE.raw:
    case LINKTYPE.ipv4:
      return length > 0 && bytes[offset]! >>> 4 === 4 ? 0 : -1;
    default:
      return -1;
  }
}

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
    if (value !== ETHERTYPE_VLAN && value !== ETHERTYPE_QINQ) return -1;
    type += VLAN_TAG_BYTES;
    header += VLAN_TAG_BYTES;
  }
  return -1;
}

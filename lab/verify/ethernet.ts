/** What an Ethernet frame carries when it is no IPv4 packet: read behind its VLAN tags (IEEE 802.1Q, 802.1ad). */
import type { Frame } from './frames';

export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TAGS = new Set([0x8100, 0x88a8]);

const ADDRESSES_BYTES = 12;
const TAG_BYTES = 4;

/** Who the frame is for, as Linux prints hardware addresses. */
export function ethernetDestination({ bytes, offset }: Frame): string {
  return Array.from({ length: 6 }, (_, index) => bytes[offset + index]!.toString(16).padStart(2, '0')).join(
    ':',
  );
}

export interface EthernetPayload {
  readonly type: number;
  /** Begins behind the type. */
  readonly view: DataView;
}

/** Undefined when the frame is cut off within its header. */
export function ethernetPayload({ bytes, offset, length }: Frame): EthernetPayload | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  for (let at = ADDRESSES_BYTES; at + 2 <= length; at += TAG_BYTES) {
    const type = view.getUint16(at);
    if (VLAN_TAGS.has(type)) continue;
    return { type, view: new DataView(bytes.buffer, view.byteOffset + at + 2, length - at - 2) };
  }
  return undefined;
}

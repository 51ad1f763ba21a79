/** What an Ethernet frame carries when it is no IPv4 packet: read behind its VLAN tags (IEEE 802.1Q, 802.1ad). */
import { LINKTYPE } from '../../../src/wire/encapsulation/link';
import type { Frame } from './frame';

export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_TAGS = new Set([0x8100, 0x88a8]);

const ADDRESSES_BYTES = 12;
const TAG_BYTES = 4;
const VLAN_NUMBER = 0x0fff;
const COOKED_HEADER_BYTES = 20;

/** Who the frame is for, as Linux prints hardware addresses; empty where the capture does not tell. */
export const ethernetDestination = (frame: Frame): string => hardwareAt(frame, 0);

/** Who sent it. */
export const ethernetSource = (frame: Frame): string => hardwareAt(frame, 6);

function hardwareAt({ bytes, offset, linkType }: Frame, at: number): string {
  if (linkType !== LINKTYPE.ethernet) return '';
  return Array.from({ length: 6 }, (_, index) =>
    bytes[offset + at + index]!.toString(16).padStart(2, '0'),
  ).join(':');
}

/** ` (VLAN 7)`, or nothing for a frame without a tag. */
export function vlanNote({ bytes, offset, length, linkType }: Frame): string {
  if (linkType !== LINKTYPE.ethernet || length < ADDRESSES_BYTES + TAG_BYTES) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset + ADDRESSES_BYTES, TAG_BYTES);
  return VLAN_TAGS.has(view.getUint16(0)) ? ` (VLAN ${view.getUint16(2) & VLAN_NUMBER})` : '';
}

export interface EthernetPayload {
  readonly type: number;
  /** Begins behind the type. */
  readonly view: DataView;
}

/** Undefined when the frame is cut off within its header. */
export function ethernetPayload({ bytes, offset, length, linkType }: Frame): EthernetPayload | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  if (linkType === LINKTYPE.linuxSll2) return cookedPayload(view);
  for (let at = ADDRESSES_BYTES; at + 2 <= length; at += TAG_BYTES) {
    const type = view.getUint16(at);
    if (VLAN_TAGS.has(type)) continue;
    return { type, view: new DataView(bytes.buffer, view.byteOffset + at + 2, length - at - 2) };
  }
  return undefined;
}

/** Behind the header of a capture on all devices (LINKTYPE_LINUX_SLL2): protocol first, 20 bytes in all. */
function cookedPayload(view: DataView): EthernetPayload | undefined {
  if (view.byteLength < COOKED_HEADER_BYTES) return undefined;
  const { buffer, byteOffset, byteLength } = view;
  return {
    type: view.getUint16(0),
    view: new DataView(buffer, byteOffset + COOKED_HEADER_BYTES, byteLength - COOKED_HEADER_BYTES),
  };
}

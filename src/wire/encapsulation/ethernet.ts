/** Ethernet (IEEE 802.3) with its tags (802.1Q, 802.1ad), and frames that tell their type by LLC and SNAP (RFC 1042). */
import { readU16 } from '../big-endian';
import { ETHERTYPE, lacks, pass, takeOff, truncated, type Cursor, type WalkFault } from './cursor';

/** Addresses, and an EtherType. */
const HEADER_BYTES = 14;
const VLAN_TAG_BYTES = 4;
/** Up to here the field is a length, and an LLC header follows. */
export const LENGTH_MAX = 1500;
/** DSAP, SSAP and control of SNAP; behind them an organisation (0 for EtherTypes) and a type. */
const SNAP = [0xaa, 0xaa, 0x03, 0, 0, 0];
const SNAP_HEADER_BYTES = 8;

export const isVlanTag = (type: number): boolean =>
  type === ETHERTYPE.vlan || type === ETHERTYPE.vlanOfProvider || type === ETHERTYPE.vlanOfOld;

export function passEthernet(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, HEADER_BYTES)) return truncated(cursor, 'Ethernet');
  pass(cursor, HEADER_BYTES, readU16(cursor.bytes, cursor.at + HEADER_BYTES - 2));
  return undefined;
}

/** Priority and number, and the EtherType of what is tagged. */
export function passVlanTag(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, VLAN_TAG_BYTES)) return truncated(cursor, '802.1Q');
  return takeOff(cursor, '802.1Q', VLAN_TAG_BYTES, readU16(cursor.bytes, cursor.at + 2));
}

export function passLlc(cursor: Cursor): WalkFault | undefined {
  const { bytes, at } = cursor;
  const isSnap = !lacks(cursor, SNAP_HEADER_BYTES) && SNAP.every((byte, place) => bytes[at + place] === byte);
  const type = isSnap ? readU16(bytes, at + SNAP.length) : 0;
  if (type > LENGTH_MAX) {
    pass(cursor, SNAP_HEADER_BYTES, type);
    return undefined;
  }
  cursor.what = 'LLC';
  return 'not-ip';
}

/** PPP (RFC 1661), and PPPoE's sessions (RFC 2516). */
import { readU16 } from '../big-endian';
import {
  ETHERTYPE,
  lacks,
  narrow,
  takeOff,
  truncated,
  unsupported,
  type Cursor,
  type WalkFault,
} from './cursor';

const ADDRESS_AND_CONTROL = 0xff03; // may be left out
/** Cisco's HDLC, which captures mix with PPP: an address of its own, control 0, and an EtherType. */
const CISCO_HDLC: ReadonlySet<number> = new Set([0x0f00, 0x8f00]);
const CISCO_HDLC_HEADER_BYTES = 4;
const PROTOCOLS: Readonly<Record<number, number>> = {
  0x0021: ETHERTYPE.ipv4,
  0x0057: ETHERTYPE.ipv6,
  0x0281: ETHERTYPE.mpls,
  0x0283: ETHERTYPE.mplsMulticast,
};
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0x002d: 'PPP with compressed headers',
  0x003d: 'PPP over several links',
  0x00fd: 'compressed or encrypted PPP',
};

const PPPOE_HEADER_BYTES = 6;
const PPPOE_VERSION_AND_TYPE = 0x11;

/** Version and type, code (0 in a session), session, and the length of what follows. */
export function passPppoe(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, PPPOE_HEADER_BYTES)) return truncated(cursor, 'PPPoE');
  const { bytes, at } = cursor;
  if (bytes[at] !== PPPOE_VERSION_AND_TYPE || bytes[at + 1] !== 0) {
    cursor.what = 'PPPoE';
    return 'not-ip';
  }
  narrow(cursor, PPPOE_HEADER_BYTES + readU16(bytes, at + 4));
  return takeOff(cursor, 'PPPoE', PPPOE_HEADER_BYTES, ETHERTYPE.ppp);
}

export function passPpp(cursor: Cursor): WalkFault | undefined {
  const opening = lacks(cursor, 2) ? 0 : readU16(cursor.bytes, cursor.at);
  if (CISCO_HDLC.has(opening) && !lacks(cursor, CISCO_HDLC_HEADER_BYTES))
    return takeOff(cursor, 'PPP', CISCO_HDLC_HEADER_BYTES, readU16(cursor.bytes, cursor.at + 2));
  if (opening === ADDRESS_AND_CONTROL) cursor.at += 2;
  if (lacks(cursor, 1)) return truncated(cursor, 'PPP');
  // The first of two bytes is even; a protocol may be compressed into the second one.
  const short = (cursor.bytes[cursor.at]! & 1) === 1;
  if (!short && lacks(cursor, 2)) return truncated(cursor, 'PPP');
  const protocol = short ? cursor.bytes[cursor.at]! : readU16(cursor.bytes, cursor.at);
  const type = PROTOCOLS[protocol];
  if (type !== undefined) return takeOff(cursor, 'PPP', short ? 1 : 2, type);
  const name = UNSUPPORTED[protocol];
  if (name !== undefined) return unsupported(cursor, name);
  cursor.what = 'control packets of PPP';
  return 'not-ip';
}

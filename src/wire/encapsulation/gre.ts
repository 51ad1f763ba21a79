/** GRE (RFC 2784, RFC 2890, RFC 1701, version 1 of PPTP: RFC 2637), and the mirrored frames of ERSPAN in it. */
import { readU16 } from '../big-endian';
import { ETHERTYPE, lacks, takeOff, truncated, unsupported, type Cursor, type WalkFault } from './cursor';

const CHECKSUM_PRESENT = 0x8000;
const ROUTING_PRESENT = 0x4000;
const KEY_PRESENT = 0x2000;
const SEQUENCE_PRESENT = 0x1000;
const ACKNOWLEDGMENT_PRESENT = 0x0080; // version 1
const VERSION = 0x0007;

const HEADER_BYTES = 4;
const FIELD_BYTES = 4;
const ROUTING_ENTRY_BYTES = 4;

const TYPE_ERSPAN = 0x88be; //    I, and II with a header of its own
const TYPE_ERSPAN_III = 0x22eb;
const TYPE_WCCP = 0x883e;
const WCCP_HEADER_BYTES = 4; //   of version 2
const ERSPAN_II_BYTES = 8;
const ERSPAN_III_BYTES = 12;
const ERSPAN_III_SUBHEADER_BYTES = 8;

export function passGre(cursor: Cursor): WalkFault | undefined {
  const { bytes, at } = cursor;
  if (lacks(cursor, HEADER_BYTES)) return truncated(cursor, 'GRE');
  const flags = readU16(bytes, at);
  const type = readU16(bytes, at + 2);
  const version = flags & VERSION;
  if (version > 1) return unsupported(cursor, `GRE of version ${version}`);
  const has = (bit: number): number => (flags & bit ? FIELD_BYTES : 0);
  let header_bytes = HEADER_BYTES + has(KEY_PRESENT) + has(SEQUENCE_PRESENT);
  if (version === 1) header_bytes += has(ACKNOWLEDGMENT_PRESENT);
  else header_bytes += has(CHECKSUM_PRESENT | ROUTING_PRESENT);
  const fault = takeOff(cursor, 'GRE', header_bytes, type);
  if (fault) return fault;
  if (version === 0 && flags & ROUTING_PRESENT && !passRouting(cursor)) return truncated(cursor, 'GRE');
  if (type === TYPE_ERSPAN) return passErspan(cursor, (flags & SEQUENCE_PRESENT) !== 0);
  if (type === TYPE_ERSPAN_III) return passErspanIII(cursor);
  if (type === TYPE_WCCP) passWccp(cursor);
  return undefined;
}

/** A list of entries (u16 family, u8 offset, u8 length) that ends with one of length 0. */
function passRouting(cursor: Cursor): boolean {
  for (;;) {
    if (lacks(cursor, ROUTING_ENTRY_BYTES)) return false;
    const length = cursor.bytes[cursor.at + 3]!;
    cursor.at += ROUTING_ENTRY_BYTES + length;
    if (length === 0) return true;
  }
}

/** Type I has nothing before the mirrored frame, and no sequence number in its GRE header; type II has both. */
const passErspan = (cursor: Cursor, sequenced: boolean): WalkFault | undefined =>
  takeOff(cursor, 'ERSPAN', sequenced ? ERSPAN_II_BYTES : 0, ETHERTYPE.ethernet);

/** Byte 11: the frame's type in bits 2 to 6 (0 Ethernet, 2 IP), and in bit 0 whether a subheader follows. */
function passErspanIII(cursor: Cursor): WalkFault | undefined {
  if (lacks(cursor, ERSPAN_III_BYTES)) return truncated(cursor, 'ERSPAN');
  const { bytes, at } = cursor;
  const subheader = bytes[at + 11]! & 1 ? ERSPAN_III_SUBHEADER_BYTES : 0;
  const frameType = (readU16(bytes, at + 10) >>> 10) & 0x1f;
  if (frameType !== 0 && frameType !== 2) return unsupported(cursor, `ERSPAN of frame type ${frameType}`);
  const length = ERSPAN_III_BYTES + subheader;
  if (lacks(cursor, length + 1)) return truncated(cursor, 'ERSPAN');
  const isV6 = bytes[at + length]! >>> 4 === 6;
  const ip = isV6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
  return takeOff(cursor, 'ERSPAN', length, frameType === 0 ? ETHERTYPE.ethernet : ip);
}

/** Redirected IPv4 (draft-wilson-wrec-wccp-v2): version 2 has a header before it. */
function passWccp(cursor: Cursor): void {
  if (!lacks(cursor, 1) && cursor.bytes[cursor.at]! >>> 4 !== 4) cursor.at += WCCP_HEADER_BYTES;
  cursor.type = ETHERTYPE.ipv4;
}

/**
 * MPLS label stacks (RFC 3032). What is behind the last label is not told: by its first bits it is IP, or a pseudowire's
 * Ethernet frame, behind a control word (RFC 4385, RFC 4448) or not.
 */
import { readU16 } from '../big-endian';
import { finishChecksum, sumBytes } from '../checksum';
import { checkIpv4, ipv4HeaderLength } from '../ip/ipv4';
import { ETHERTYPE, lacks, pass, takeOff, unsupported, type Cursor, type WalkFault } from './cursor';

const LABEL_BYTES = 4;
const BOTTOM_OF_STACK = 0x01; // in byte 2
const CONTROL_WORD_BYTES = 4;
const ASSOCIATED_CHANNEL = 1; // first bits of what is no user's traffic (RFC 5586)
const ETHERNET_HEADER_BYTES = 14;
const IPV6_HEADER_BYTES = 40;

export function passMpls(cursor: Cursor): WalkFault | undefined {
  for (let bottom = false; !bottom;) {
    const { at } = cursor;
    const fault = takeOff(cursor, 'MPLS', LABEL_BYTES, ETHERTYPE.mpls);
    if (fault) return fault;
    bottom = (cursor.bytes[at + 2]! & BOTTOM_OF_STACK) !== 0;
  }
  if (lacks(cursor, 1)) return unsupported(cursor, 'MPLS with nothing in it');
  const first = cursor.bytes[cursor.at]! >>> 4;
  if (first === 4 && (isSoundIpv4(cursor) || !isEthernet(cursor, cursor.at))) pass(cursor, 0, ETHERTYPE.ipv4);
  else if (first === 6 && (isSoundIpv6(cursor) || !isEthernet(cursor, cursor.at)))
    pass(cursor, 0, ETHERTYPE.ipv6);
  else if (first === 0 && isEthernet(cursor, cursor.at + CONTROL_WORD_BYTES))
    pass(cursor, CONTROL_WORD_BYTES, ETHERTYPE.ethernet);
  else if (isEthernet(cursor, cursor.at)) pass(cursor, 0, ETHERTYPE.ethernet);
  else if (first === ASSOCIATED_CHANNEL) {
    cursor.what = 'control packets of MPLS';
    return 'not-ip';
  } else return unsupported(cursor, 'an MPLS pseudowire of something other than Ethernet');
  return undefined;
}

/** A link address may begin as IP does: the header's checksum tells them apart. */
function isSoundIpv4({ bytes, at, end }: Cursor): boolean {
  if (checkIpv4(bytes, at, end - at, end - at) !== undefined) return false;
  return finishChecksum(sumBytes(bytes, at, ipv4HeaderLength(bytes, at))) === 0;
}

function isSoundIpv6({ bytes, at, end, wireEnd }: Cursor): boolean {
  if (at + IPV6_HEADER_BYTES > end) return false;
  return readU16(bytes, at + 4) + IPV6_HEADER_BYTES === wireEnd - at;
}

const ETHERTYPES: ReadonlySet<number> = new Set<number>(Object.values(ETHERTYPE)).add(0x0806); // and ARP

function isEthernet(cursor: Cursor, at: number): boolean {
  const { bytes, end } = cursor;
  const inside = at + ETHERNET_HEADER_BYTES;
  if (inside > end) return false;
  const type = readU16(bytes, inside - 2);
  if (type !== ETHERTYPE.ipv4) return ETHERTYPES.has(type);
  return checkIpv4(bytes, inside, end - inside, end - inside) === undefined;
}

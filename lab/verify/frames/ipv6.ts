/** IPv6 packets, read behind their extension headers (RFC 8200, section 4). */
import { readIpv6Address } from '../../../src/wire/address/address';
import { readU16 } from '../../../src/wire/big-endian';
import { IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { FRAGMENT_HEADER_BYTES, IPV6_HEADER_BYTES, ipv6Length } from '../../../src/wire/ip/ipv6';
import { viewTcp, type SegmentView } from '../../../src/wire/segment';
import type { IpPacket } from './frame';

const NEXT_HEADER = 6;
const SOURCE = 8;
const DESTINATION = 24;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
/**
 * Hop-by-hop, routing, destination options, mobility, HIP, Shim6: next header, and a length in units of 8 bytes beyond the
 * first (IANA, "IPv6 Extension Header Types").
 */
export const EXTENSIONS = new Set([0, 43, 60, 135, 139, 140]);

/** @param end where the capture of the frame ends. Undefined when the packet is cut off within its headers. */
export function ipv6PacketAt(bytes: Uint8Array, at: number, end: number): IpPacket | undefined {
  if (at + IPV6_HEADER_BYTES > end || bytes[at]! >>> 4 !== 6) return undefined;
  const source = readIpv6Address(bytes, at + SOURCE);
  const destination = readIpv6Address(bytes, at + DESTINATION);
  if (source === undefined || destination === undefined) return undefined;
  let fragment: IpPacket['fragment'] = 'none';
  let protocol = bytes[at + NEXT_HEADER]!;
  let payloadAt = at + IPV6_HEADER_BYTES;
  while (EXTENSIONS.has(protocol) || protocol === FRAGMENT || protocol === AUTHENTICATION) {
    if (payloadAt + FRAGMENT_HEADER_BYTES > end) return undefined;
    const length = bytes[payloadAt + 1]!;
    if (protocol === FRAGMENT) {
      const place = readU16(bytes, payloadAt + 2);
      // One that is all there is of its packet is no fragment (RFC 6946).
      if ((place & 0xfff9) !== 0) fragment = place >>> 3 === 0 ? 'first' : 'later';
      protocol = bytes[payloadAt]!;
      payloadAt += FRAGMENT_HEADER_BYTES;
      if (fragment === 'later') break;
      continue;
    }
    const isAuthentication = protocol === AUTHENTICATION;
    protocol = bytes[payloadAt]!;
    // RFC 4302, section 2.2.
    payloadAt += isAuthentication ? 4 * (length + 2) : 8 + 8 * length;
  }
  return { at, end, source, destination, protocol, payloadAt, fragment };
}

/**
 * Fills `view` with the whole segment in a packet. @param wireEnd where the packet ended on the wire, as far as the frame tells
 *
 * @returns whether there is one, with a whole header
 */
export function viewIpv6Segment(
  view: SegmentView,
  bytes: Uint8Array,
  { at, end, source, destination, protocol, payloadAt, fragment }: IpPacket,
  wireEnd: number,
): boolean {
  if (protocol !== IP_PROTOCOL_TCP || fragment !== 'none') return false;
  const totalLength = ipv6Length(bytes, at, wireEnd - at);
  if (viewTcp(view, bytes, at, payloadAt, end - at, totalLength, 'headers') !== undefined) return false;
  view.source = source;
  view.destination = destination;
  return true;
}

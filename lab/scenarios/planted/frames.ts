/** Ethernet frames as a leak would put them on the wire. */
import { writeU16 } from '../../../src/wire/big-endian';
import { finishChecksum, sumBytes } from '../../../src/wire/checksum';
import { familyOf, parseAddress, sumOf, writeIpv6Address } from '../../../src/wire/address/address';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { emitTcp, putTcpChecksum } from '../../../src/wire/tcp';

/** Hardware addresses, as Linux prints them. */
export interface Link {
  readonly source: string;
  readonly destination: string;
}

export interface TcpEnd {
  /** Of either family. */
  readonly address: string;
  readonly port: number;
}

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const TCP_BYTES = 20;
const IP_PROTOCOL_ICMP = 1;
export const IP_PROTOCOL_ICMPV6 = 58;
const IPV4_MORE_FRAGMENTS = 0x2000;
const IPV6_FRAGMENT = 44;
const IPV6_FRAGMENT_BYTES = 8;
const DESTINATION_OPTIONS = 60;
const ICMPV6_REDIRECT = 137;
const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;

/** A packet with one segment. */
export function segment(from: TcpEnd, to: TcpEnd, flags: number, payload = ''): Uint8Array {
  const content = Buffer.from(payload);
  const [source, destination] = [parseAddress(from.address)!, parseAddress(to.address)!];
  const length = TCP_BYTES + content.length;
  const bytes = ipPacket(source, destination, IP_PROTOCOL_TCP, length);
  const at = bytes.length - length;
  emitTcp(bytes, at, {
    sourcePort: from.port,
    destinationPort: to.port,
    sequence: 0x1000_0000,
    acknowledgment: 0x2000_0000,
    headerLength: TCP_BYTES,
    flags,
    window: 500,
  });
  bytes.set(content, at + TCP_BYTES);
  putTcpChecksum(bytes, at, checksumOf(bytes, at, { source, destination, protocol: IP_PROTOCOL_TCP }));
  return bytes;
}

/** Over the pseudo-header of either family (RFC 9293, section 3.1; RFC 8200, section 8.1), and all behind it. */
function checksumOf(
  bytes: Uint8Array,
  at: number,
  { source, destination, protocol }: { source: number; destination: number; protocol: number },
): number {
  const length = bytes.length - at;
  return finishChecksum(sumBytes(bytes, at, length, sumOf(source) + sumOf(destination) + protocol + length));
}

/** Of a packet: a fragment of it, which says that it is from so far on. */
export function fragmentOf(packet: Uint8Array, offset_8bytes: number): Uint8Array {
  if (packet[0]! >>> 4 === 6) {
    const header = Buffer.alloc(IPV6_FRAGMENT_BYTES);
    header[0] = packet[6]!;
    header.writeUInt16BE(offset_8bytes === 0 ? 1 : offset_8bytes << 3, 2);
    return behind(packet, IPV6_FRAGMENT, header);
  }
  const bytes = Uint8Array.from(packet);
  writeU16(bytes, 6, offset_8bytes === 0 ? IPV4_MORE_FRAGMENTS : offset_8bytes);
  writeU16(bytes, 10, 0);
  writeU16(bytes, 10, finishChecksum(sumBytes(bytes, 0, IPV4_BYTES)));
  return bytes;
}

/** Of an IPv6 packet: the same behind destination options, which are padding (RFC 8200, section 4.2). */
export const withOptions = (packet: Uint8Array): Uint8Array =>
  behind(packet, DESTINATION_OPTIONS, Uint8Array.of(packet[6]!, 0, 1, 4, 0, 0, 0, 0));

/** Puts an extension header behind that of IPv6. */
function behind(packet: Uint8Array, nextHeader: number, extension: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([packet.subarray(0, IPV6_BYTES), extension, packet.subarray(IPV6_BYTES)]);
  bytes[6] = nextHeader;
  bytes.writeUInt16BE(bytes.length - IPV6_BYTES, 4);
  return bytes;
}

/** An ICMP message about a packet, of which it repeats the beginning (RFC 792, RFC 4443). */
export function icmpAbout(
  packet: Uint8Array,
  from: string,
  to: string,
  { type, code }: { readonly type: number; readonly code: number },
): Uint8Array {
  const isIpv6 = packet[0]! >>> 4 === 6;
  const quoted = packet.subarray(0, (isIpv6 ? IPV6_BYTES : IPV4_BYTES) + 8);
  const isRedirect = isIpv6 && type === ICMPV6_REDIRECT;
  return icmp(from, to, [type, code], isRedirect ? redirected(packet, quoted) : quoted);
}

/**
 * Whom a redirect is about (RFC 4861, section 4.5): target, destination, and an option with the packet, which is filled up to 8
 * bytes.
 */
function redirected(packet: Uint8Array, quoted: Uint8Array): Uint8Array {
  const destination = packet.subarray(24, IPV6_BYTES);
  const option = Buffer.alloc(8 + Math.ceil(quoted.length / 8) * 8);
  option.set([4, option.length / 8]);
  option.set(quoted, 8);
  return Buffer.concat([destination, destination, option]);
}

/** @param content behind the 8 bytes of the header */
export function icmp(
  from: string,
  to: string,
  [type, code]: readonly [type: number, code: number],
  content: Uint8Array,
): Uint8Array {
  const [source, destination] = [parseAddress(from)!, parseAddress(to)!];
  const isIpv6 = familyOf(source) === 6;
  const protocol = isIpv6 ? IP_PROTOCOL_ICMPV6 : IP_PROTOCOL_ICMP;
  const length = 8 + content.length;
  const bytes = ipPacket(source, destination, protocol, length);
  const at = bytes.length - length;
  bytes.set([type, code], at);
  bytes.set(content, at + 8);
  const checksum = isIpv6
    ? checksumOf(bytes, at, { source, destination, protocol })
    : finishChecksum(sumBytes(bytes, at, length));
  writeU16(bytes, at + 2, checksum);
  return bytes;
}

export const ipFrame = (link: Link, packet: Uint8Array): Uint8Array =>
  ethernet(link, etherTypeOf(packet), packet);

const etherTypeOf = (packet: Uint8Array): number =>
  packet[0]! >>> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;

/** With an 802.1Q tag. */
export function taggedFrame(link: Link, vlan: number, packet: Uint8Array): Uint8Array {
  const type = etherTypeOf(packet);
  const tag = Uint8Array.of(vlan >>> 8, vlan, type >>> 8, type & 0xff);
  return ethernet(link, ETHERTYPE.vlan, Buffer.concat([tag, packet]));
}

/** Who has this address? (RFC 826) */
export function arpRequest(link: Link, sender: string, target: string): Uint8Array {
  const content = Buffer.alloc(28);
  content.set([0, 1, 8, 0, 6, 4, 0, 1]);
  content.set(hardware(link.source), 8);
  content.writeUInt32BE(parseAddress(sender)!, 14);
  content.writeUInt32BE(parseAddress(target)!, 24);
  return ethernet(link, ETHERTYPE.arp, content);
}

/** Who has this address? (RFC 4861, section 4.3) */
export function solicitation(link: Link, sender: string, target: string): Uint8Array {
  const asked = new Uint8Array(16);
  writeIpv6Address(asked, 0, parseAddress(target)!);
  const option = Buffer.concat([Uint8Array.of(1, 1), hardware(link.source)]);
  return ipFrame(link, icmp(sender, target, [135, 0], Buffer.concat([asked, option])));
}

function ipPacket(source: number, destination: number, protocol: number, contentBytes: number): Uint8Array {
  if (familyOf(source) === 4) return ipv4(source, destination, protocol, contentBytes);
  const bytes = Buffer.alloc(IPV6_BYTES + contentBytes);
  bytes[0] = 0x60;
  bytes.writeUInt16BE(contentBytes, 4);
  // Neighbours are believed only what nobody has handed on (RFC 4861, section 7.1).
  bytes.set([protocol, 255], 6);
  writeIpv6Address(bytes, 8, source);
  writeIpv6Address(bytes, 24, destination);
  return bytes;
}

function ipv4(source: number, destination: number, protocol: number, contentBytes: number): Uint8Array {
  const totalLength = IPV4_BYTES + contentBytes;
  const bytes = new Uint8Array(totalLength);
  emitIpv4(bytes, 0, { totalLength, identification: 1, ttl: 64, protocol, source, destination });
  return bytes;
}

function ethernet({ source, destination }: Link, type: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([
    hardware(destination),
    hardware(source),
    Uint8Array.of(type >>> 8, type & 0xff),
    content,
  ]);
}

const hardware = (text: string): Uint8Array =>
  Uint8Array.from(text.split(':').map((part) => parseInt(part, 16)));

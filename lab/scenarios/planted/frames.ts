/** Ethernet frames as a leak would put them on the wire. */
import { writeU16 } from '../../../src/wire/big-endian';
import { finishChecksum, sumBytes, tcpChecksum } from '../../../src/wire/checksum';
import { parseAddress } from '../../../src/wire/address/address';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../src/wire/ip/ipv4';
import { emitTcp, putTcpChecksum } from '../../../src/wire/tcp';

/** Hardware addresses, as Linux prints them. */
export interface Link {
  readonly source: string;
  readonly destination: string;
}

export interface TcpEnd {
  /** Dotted decimal. */
  readonly address: string;
  readonly port: number;
}

const IP_BYTES = 20;
const TCP_BYTES = 20;
const IP_PROTOCOL_ICMP = 1;
const MORE_FRAGMENTS = 0x2000;
const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;

/** An IPv4 packet with one segment. */
export function segment(from: TcpEnd, to: TcpEnd, flags: number, payload = ''): Uint8Array {
  const content = Buffer.from(payload);
  const [source, destination] = [parseAddress(from.address)!, parseAddress(to.address)!];
  const bytes = ipv4(source, destination, IP_PROTOCOL_TCP, TCP_BYTES + content.length);
  emitTcp(bytes, IP_BYTES, {
    sourcePort: from.port,
    destinationPort: to.port,
    sequence: 0x1000_0000,
    acknowledgment: 0x2000_0000,
    headerLength: TCP_BYTES,
    flags,
    window: 500,
  });
  bytes.set(content, IP_BYTES + TCP_BYTES);
  const length = TCP_BYTES + content.length;
  putTcpChecksum(bytes, IP_BYTES, tcpChecksum(bytes, IP_BYTES, length, source, destination));
  return bytes;
}

/** Of an IPv4 packet: a fragment of it, from so far on. */
export function fragmentOf(packet: Uint8Array, offset_8bytes: number): Uint8Array {
  const bytes = Uint8Array.from(packet);
  writeU16(bytes, 6, offset_8bytes === 0 ? MORE_FRAGMENTS : offset_8bytes);
  writeU16(bytes, 10, 0);
  writeU16(bytes, 10, finishChecksum(sumBytes(bytes, 0, IP_BYTES)));
  return bytes;
}

/** An ICMP message about a packet, of which it repeats the beginning (RFC 792). */
export function icmpAbout(
  packet: Uint8Array,
  from: string,
  to: string,
  { type, code }: { readonly type: number; readonly code: number },
): Uint8Array {
  const quoted = packet.subarray(0, IP_BYTES + 8);
  const bytes = ipv4(parseAddress(from)!, parseAddress(to)!, IP_PROTOCOL_ICMP, 8 + quoted.length);
  bytes.set([type, code], IP_BYTES);
  bytes.set(quoted, IP_BYTES + 8);
  writeU16(bytes, IP_BYTES + 2, finishChecksum(sumBytes(bytes, IP_BYTES, bytes.length - IP_BYTES)));
  return bytes;
}

export const ipv4Frame = (link: Link, packet: Uint8Array): Uint8Array =>
  ethernet(link, ETHERTYPE.ipv4, packet);

/** With an 802.1Q tag. */
export function taggedFrame(link: Link, vlan: number, packet: Uint8Array): Uint8Array {
  const tag = Uint8Array.of(vlan >>> 8, vlan, ETHERTYPE.ipv4 >>> 8, ETHERTYPE.ipv4 & 0xff);
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

/** From and to documentation addresses (RFC 3849). */
export function ipv6Frame(link: Link, nextHeader: number, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(content.length, 4);
  header.set([nextHeader, 255], 6);
  header.set([0x20, 0x01, 0x0d, 0xb8], 8);
  header[23] = 1;
  header.set([0x20, 0x01, 0x0d, 0xb8], 24);
  header[39] = 2;
  return ethernet(link, ETHERTYPE.ipv6, Buffer.concat([header, content]));
}

function ipv4(source: number, destination: number, protocol: number, contentBytes: number): Uint8Array {
  const totalLength = IP_BYTES + contentBytes;
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

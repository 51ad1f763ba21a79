/** Frames as they would be captured, and what iptables and tcpdump's `ip and tcp` see in them. */
import { tcpChecksum } from '../../../../src/wire/checksum';
import { isIpv6, parseAddress, writeIpv6Address } from '../../../../src/wire/address/address';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../../src/wire/ip/ipv4';
import { LINKTYPE } from '../../../../src/wire/encapsulation/link';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { ACK, emitTcp, PSH, putTcpChecksum } from '../../../../src/wire/tcp';

/** For example `198.18.10.10:40000`. */
export type End = string;

export interface TestFrame {
  readonly bytes: Uint8Array;
  /** Its ends, when others than we would count it as a TCP packet. */
  readonly tcp: { readonly from: End; readonly to: End } | undefined;
}

export const addressOf = (end: End): string => partsOf(end).address;
export const portOf = (end: End): number => partsOf(end).port;

interface EndParts {
  readonly address: string;
  /** The address in host order. */
  readonly number: number;
  readonly port: number;
}

/** Ends are few, frames are many. */
const ends = new Map<End, EndParts>();

function partsOf(end: End): EndParts {
  const known = ends.get(end);
  if (known) return known;
  const [, address = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(end)!;
  const parts = { address, number: parseAddress(address)!, port: Number(port) };
  ends.set(end, parts);
  return parts;
}

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const TCP_BYTES = 20;

export interface TcpContent {
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly payload?: Uint8Array;
}

export function tcp(from: End, to: End, content: TcpContent = {}): TestFrame {
  const payload = content.payload ?? new Uint8Array(0);
  const [source, destination] = [partsOf(from).number, partsOf(to).number];
  const length = TCP_BYTES + payload.length;
  const frame = ip(source, destination, IP_PROTOCOL_TCP, length);
  const at = frame.length - length;
  emitTcp(frame, at, {
    sourcePort: portOf(from),
    destinationPort: portOf(to),
    sequence: content.sequence ?? 1000,
    acknowledgment: content.acknowledgment ?? 2000,
    headerLength: TCP_BYTES,
    flags: content.flags ?? PSH | ACK,
    window: 500,
  });
  frame.set(payload, at + TCP_BYTES);
  putTcpChecksum(frame, at, tcpChecksum(frame, at, length, source, destination));
  return { bytes: frame, tcp: { from, to } };
}

/** A datagram of another protocol. */
export function datagram(from: string, to: string, protocol: number, content: Uint8Array): TestFrame {
  const frame = ip(parseAddress(from)!, parseAddress(to)!, protocol, content.length);
  frame.set(content, frame.length - content.length);
  return { bytes: frame, tcp: undefined };
}

export const icmp = (from: string, to: string, type: number, code: number): TestFrame =>
  datagram(from, to, 1, Uint8Array.of(type, code, 0, 0, 0, 0, 0, 0));

/** As the mark is sent: a datagram to the discard port. */
export function udp(from: string, to: string, text: string): TestFrame {
  const content = Buffer.concat([Buffer.from([0xc0, 0, 0, 9, 0, 8 + text.length, 0, 0]), Buffer.from(text)]);
  return datagram(from, to, 17, content);
}

/** The first fragment has the ports, and is counted by them; the others are not. */
export function fragment({ bytes, tcp: ends }: TestFrame, offset_8bytes: number): TestFrame {
  const copy = Uint8Array.from(bytes);
  const flags = offset_8bytes === 0 ? 0x2000 : offset_8bytes;
  copy[ETHERNET_BYTES + 6] = flags >>> 8;
  copy[ETHERNET_BYTES + 7] = flags;
  return { bytes: copy, tcp: offset_8bytes === 0 ? ends : undefined };
}

/** The same frame, sent to this hardware address. */
export function sentTo(hardware: string, { bytes, tcp: ends }: TestFrame): TestFrame {
  const copy = Uint8Array.from(bytes);
  copy.set(hardware.split(':').map((part) => parseInt(part, 16)));
  return { bytes: copy, tcp: ends };
}

/** With an 802.1Q tag; neither `ip and tcp` nor iptables looks behind it. */
export function tagged({ bytes }: TestFrame, vlan = 7): TestFrame {
  const tag = Uint8Array.of(0x81, 0x00, 0, vlan);
  return { bytes: Buffer.concat([bytes.subarray(0, 12), tag, bytes.subarray(12)]), tcp: undefined };
}

export function arpRequest(sender: string, target: string): TestFrame {
  const frame = ethernet(0x0806, 28);
  const view = new DataView(frame.buffer, ETHERNET_BYTES);
  view.setUint16(0, 1);
  view.setUint16(2, 0x0800);
  view.setUint16(4, 0x0604);
  view.setUint16(6, 1);
  view.setUint32(14, parseAddress(sender)!);
  view.setUint32(24, parseAddress(target)!);
  return { bytes: frame, tcp: undefined };
}

/** Of nobody that is known, to nobody. */
export const ipv6Tcp = (sourcePort: number, destinationPort: number): TestFrame => ({
  ...tcp(`[2001:db8::1]:${sourcePort}`, `[2001:db8::2]:${destinationPort}`, { flags: ACK }),
  tcp: undefined,
});

/** An ICMPv6 message, with what stands behind its 8 bytes of header. */
export const icmpv6 = (
  from: string,
  to: string,
  [type, code]: readonly [type: number, code: number],
  content: Uint8Array = new Uint8Array(0),
): TestFrame => datagram(from, to, 58, Buffer.concat([Uint8Array.of(type, code, 0, 0, 0, 0, 0, 0), content]));

/** Of a frame with IPv6: the same with an extension header behind that of IPv6. */
export function extended({ bytes }: TestFrame, nextHeader: number, extension: readonly number[]): TestFrame {
  const at = ETHERNET_BYTES + IPV6_BYTES;
  const all = Buffer.concat([bytes.subarray(0, at), Uint8Array.from(extension), bytes.subarray(at)]);
  all[at] = all[ETHERNET_BYTES + 6]!;
  all[ETHERNET_BYTES + 6] = nextHeader;
  all.writeUInt16BE(all.length - at, ETHERNET_BYTES + 4);
  return { bytes: all, tcp: undefined };
}

/** An IP packet without its frame. */
export const packetIn = ({ bytes }: TestFrame): Uint8Array => bytes.subarray(ETHERNET_BYTES);

/** A pcap file, a millisecond between two frames. */
export function capture(frames: readonly TestFrame[]): Uint8Array {
  return Buffer.concat([
    emitPcapFileHeader(LINKTYPE.ethernet),
    ...frames.map(({ bytes }, index) => emitPcapRecord(bytes, 1_700_000_000 + index / 1_000)),
  ]);
}

function ip(source: number, destination: number, protocol: number, contentBytes: number): Uint8Array {
  if (!isIpv6(source)) return ipv4(source, destination, protocol, contentBytes);
  const frame = ethernet(0x86dd, IPV6_BYTES + contentBytes);
  const view = new DataView(frame.buffer, ETHERNET_BYTES);
  view.setUint8(0, 0x60);
  view.setUint16(4, contentBytes);
  view.setUint8(6, protocol);
  view.setUint8(7, 255);
  writeIpv6Address(frame, ETHERNET_BYTES + 8, source);
  writeIpv6Address(frame, ETHERNET_BYTES + 24, destination);
  return frame;
}

function ipv4(source: number, destination: number, protocol: number, contentBytes: number): Uint8Array {
  const frame = ethernet(0x0800, IPV4_BYTES + contentBytes);
  emitIpv4(frame, ETHERNET_BYTES, {
    totalLength: IPV4_BYTES + contentBytes,
    identification: 1,
    ttl: 64,
    protocol,
    source,
    destination,
  });
  return frame;
}

function ethernet(type: number, contentBytes: number): Uint8Array {
  const frame = new Uint8Array(ETHERNET_BYTES + contentBytes);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, type >>> 8, type]);
  return frame;
}

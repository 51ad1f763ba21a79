/** Packets and frames within others, as switches, tunnels and mirror ports send them. */
import { emitIpv4 } from '../../../src/wire/ip/ipv4';

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_FRAME = 0x6558;
export const ETHERTYPE_MPLS = 0x8847;

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const u16 = (value: number): Uint8Array => bytes(value >>> 8, value);
const u32 = (value: number): Uint8Array => bytes(value >>> 24, value >>> 16, value >>> 8, value);

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

export const frame = (payload: Uint8Array, type = ETHERTYPE_IPV4): Uint8Array =>
  joined(bytes(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1), u16(type), payload);

/** A tag before an EtherType and its payload. */
export const tagged = (payload: Uint8Array, type = ETHERTYPE_IPV4): Uint8Array =>
  joined(u16(7), u16(type), payload);

/** Between two ends of a tunnel. */
export function ipv4(protocol: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  emitIpv4(packet, 0, {
    totalLength: packet.length,
    identification: 1,
    ttl: 64,
    protocol,
    source: 0x0a00_0001,
    destination: 0x0a00_0002,
  });
  packet.set(payload, 20);
  return packet;
}

/** @param extensions header bytes before the payload, each telling the next one's protocol */
export const ipv6 = (
  protocol: number,
  payload: Uint8Array,
  extensions: Uint8Array = new Uint8Array(0),
): Uint8Array =>
  joined(
    u32(0x6000_0000),
    u16(extensions.length + payload.length),
    bytes(protocol, 64),
    joined(u32(0x2001_0db8), new Uint8Array(11), bytes(1)),
    joined(u32(0x2001_0db8), new Uint8Array(11), bytes(2)),
    extensions,
    payload,
  );

export const udp = (port: number, payload: Uint8Array): Uint8Array =>
  joined(u16(50_000), u16(port), u16(8 + payload.length), u16(0), payload);

export const vxlan = (inner: Uint8Array, port = 4789): Uint8Array =>
  ipv4(17, udp(port, joined(u32(0x0800_0000), u32(42 << 8), inner)));

export const vxlanGpe = (inner: Uint8Array, protocol: number): Uint8Array =>
  ipv4(17, udp(4790, joined(bytes(0x0c, 0, 0, protocol), u32(42 << 8), inner)));

export const geneve = (inner: Uint8Array, type = ETHERTYPE_FRAME, options = new Uint8Array(0)): Uint8Array =>
  ipv4(17, udp(6081, joined(bytes(options.length / 4, 0), u16(type), u32(42 << 8), options, inner)));

export const GRE = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000 } as const;

/** With a field of 4 bytes for each flag. */
export const greHeader = (type: number, flags = 0): Uint8Array => {
  const words = [GRE.checksum | GRE.routing, GRE.key, GRE.sequence].filter((bit) => flags & bit);
  return joined(u16(flags), u16(type), ...words.map(() => u32(0x0102_0304)));
};

export const gre = (inner: Uint8Array, type = ETHERTYPE_IPV4, flags = 0): Uint8Array =>
  ipv4(47, joined(greHeader(type, flags), inner));

/** I has no header of its own, II has one of 8 bytes, III one of 12 and may have 8 more. */
export function erspan(
  inner: Uint8Array,
  type: 1 | 2 | 3,
  { subheader = false, ip = false } = {},
): Uint8Array {
  if (type === 1) return gre(inner, 0x88be);
  if (type === 2) return gre(joined(u32(0x1001_0001), u32(0), inner), 0x88be, GRE.sequence);
  const last = (ip ? 2 << 10 : 0) | (subheader ? 1 : 0);
  const header = joined(u32(0x2001_0001), u32(12_345), u16(0), u16(last));
  return gre(joined(header, new Uint8Array(subheader ? 8 : 0), inner), 0x22eb, GRE.sequence);
}

/** A stack of labels, the last one marked as the bottom. */
export const mpls = (inner: Uint8Array, labels = 1): Uint8Array =>
  joined(...Array.from({ length: labels }, (_, at) => bytes(0, 1, at === labels - 1 ? 0x01 : 0, 64)), inner);

export const ppp = (inner: Uint8Array, protocol = 0x0021): Uint8Array => joined(u16(protocol), inner);

export const pppoe = (inner: Uint8Array, code = 0): Uint8Array =>
  joined(bytes(0x11, code), u16(5), u16(inner.length), inner);

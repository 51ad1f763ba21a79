/** What routers say of packets that are too big, as it is on the wire. */
import { finishChecksum, sumBytes } from '../../../../src/wire/checksum';
import { sumOf } from '../../../../src/wire/address/address';
import { emitIpv4 } from '../../../../src/wire/ip/ipv4';
import { emitIpv6 } from '../../../../src/wire/ip/ipv6';

interface Told {
  /** The packet that it is about, from its IP header on. */
  readonly about: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly mtu_bytes: number;
}

/** ICMPv6 packet too big, a whole packet. */
export function packetTooBig({ about, from, to, mtu_bytes }: Told): Uint8Array {
  const bytes = new Uint8Array(40 + 8 + about.length);
  const length = bytes.length - 40;
  emitIpv6(bytes, 0, { payloadLength: length, nextHeader: 58, hopLimit: 64, source: from, destination: to });
  bytes[40] = 2;
  const view = new DataView(bytes.buffer);
  view.setUint32(44, mtu_bytes);
  bytes.set(about, 48);
  view.setUint16(42, finishChecksum(sumBytes(bytes, 40, length, sumOf(from) + sumOf(to) + 58 + length)));
  return bytes;
}

/** ICMP fragmentation needed, a whole packet. */
export function fragmentationNeeded({ about, from, to, mtu_bytes }: Told): Uint8Array {
  const bytes = new Uint8Array(20 + 8 + about.length);
  const ip = { identification: 1, ttl: 64, protocol: 1, source: from, destination: to };
  emitIpv4(bytes, 0, { ...ip, totalLength: bytes.length });
  bytes.set([3, 4], 20);
  const view = new DataView(bytes.buffer);
  view.setUint16(26, mtu_bytes);
  bytes.set(about, 28);
  view.setUint16(22, finishChecksum(sumBytes(bytes, 20, bytes.length - 20)));
  return bytes;
}

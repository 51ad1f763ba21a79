/**
 * A watch as tcpdump reads it of frames in tunnels: by their places behind the header of the outer datagram, since the libpcap of
 * many systems does not know VXLAN (RFC 7348) yet.
 */
import { parseAddress, parseIpv6 } from '../../../src/wire/address/address';
import { writeU32 } from '../../../src/wire/big-endian';
import { NOBODIES_BEGIN } from '../../../src/wire/nobodies';
import type { Watch } from './watch';

/** From the outer UDP header (8 bytes) on: the number of the tunnels, then, behind 8 bytes of VXLAN, the inner frame. */
const NUMBER = 12;
const ETHERNET = 16;
const IP = ETHERNET + 14;

/** Of an IP header without options, and of IPv6 without extension headers: what a copy and its test server send has neither. */
const HEADERS = {
  4: {
    type: 0x0800,
    first: `udp[${IP}] = 0x45`,
    protocol: IP + 9,
    source: IP + 12,
    destination: IP + 16,
    ports: IP + 20,
  },
  6: {
    type: 0x86dd,
    first: `udp[${IP}] >> 4 = 6`,
    protocol: IP + 6,
    source: IP + 8,
    destination: IP + 24,
    ports: IP + 40,
  },
} as const;
const TCP = 6;

/** @param network the tunnels' number (VXLAN network identifier) @returns a pcap filter expression */
export function expressionWithin(network: number, watch: Watch): string {
  const { type, first, protocol, source, destination, ports } = HEADERS[watch.family];
  return [
    `udp[${NUMBER}:4] >> 8 = ${network}`,
    `udp[${ETHERNET + 12}:2] = ${type}`,
    first,
    `udp[${protocol}] = ${TCP}`,
    ...(watch.hardware === undefined ? [] : bytesAt(ETHERNET, hardwareBytes(watch.hardware))),
    ...(watch.source === undefined ? [] : bytesAt(source, bytesOf(watch.source))),
    ...(watch.sourcePort === undefined ? [] : [`udp[${ports}:2] = ${watch.sourcePort}`]),
    ...(watch.destination === undefined ? [] : bytesAt(destination, bytesOf(watch.destination))),
    ...(watch.destinationPort === undefined ? [] : [`udp[${ports + 2}:2] = ${watch.destinationPort}`]),
    ...(watch.exceptToNobody
      ? [`not (${bytesAt(destination, NOBODIES_BEGIN[watch.family]).join(' and ')})`]
      : []),
  ].join(' and ');
}

function bytesOf(address: string): Uint8Array {
  const bytes = new Uint8Array(4);
  return parseIpv6(address) ?? (writeU32(bytes, 0, parseAddress(address)!), bytes);
}

const hardwareBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.split(':'), (byte) => parseInt(byte, 16));

/** Two by two: each pair is a comparison of its own, and what is left at the end. */
function bytesAt(place: number, bytes: Uint8Array): string[] {
  const pairs: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2)
    pairs.push(`udp[${place + at}:2] = ${(bytes[at]! << 8) | bytes[at + 1]!}`);
  return bytes.length % 2 === 0
    ? pairs
    : [...pairs, `udp[${place + bytes.length - 1}] = ${bytes[bytes.length - 1]!}`];
}

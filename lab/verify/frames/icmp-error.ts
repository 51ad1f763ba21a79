/** ICMP errors, and the packet that each complains about (RFC 792; RFC 1122, section 3.2.2). */
import {
  IP_PROTOCOL_TCP,
  IPV4_HEADER_MIN_BYTES,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
} from '../../../src/wire/ip/ipv4';
import { readU16 } from '../../../src/wire/big-endian';
import type { Frame } from './frames';

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The TCP packet that it is about; undefined when it is about another, or does not hold enough of it. */
  readonly about:
    { source: number; sourcePort: number; destination: number; destinationPort: number } | undefined;
}

const IP_PROTOCOL_ICMP = 1;
const ICMP_HEADER_BYTES = 8;
const PORTS_BYTES = 4;
export const ICMP_REDIRECT = 5;
/** The messages that packets provoke. The others are somebody's ping. */
const ERRORS = new Set([3, 4, ICMP_REDIRECT, 11, 12]);

/** Of a frame that carries an IPv4 packet; undefined when that is no ICMP error. */
export function icmpErrorIn({ bytes, offset, length, ipOffset }: Frame): IcmpError | undefined {
  if (ipv4Protocol(bytes, ipOffset) !== IP_PROTOCOL_ICMP || ipv4IsFragment(bytes, ipOffset)) return undefined;
  const at = ipOffset + ipv4HeaderLength(bytes, ipOffset);
  const end = offset + length;
  if (at + 2 > end || !ERRORS.has(bytes[at]!)) return undefined;
  return { type: bytes[at]!, code: bytes[at + 1]!, about: tcpPacketAt(bytes, at + ICMP_HEADER_BYTES, end) };
}

function tcpPacketAt(bytes: Uint8Array, at: number, end: number): IcmpError['about'] {
  if (at + IPV4_HEADER_MIN_BYTES > end || ipv4Protocol(bytes, at) !== IP_PROTOCOL_TCP) return undefined;
  const ports = at + ipv4HeaderLength(bytes, at);
  if (ports + PORTS_BYTES > end) return undefined;
  return {
    source: ipv4Source(bytes, at),
    sourcePort: readU16(bytes, ports),
    destination: ipv4Destination(bytes, at),
    destinationPort: readU16(bytes, ports + 2),
  };
}

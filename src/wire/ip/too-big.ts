/**
 * What a router says of a packet that was too big for the way on: ICMP fragmentation needed (RFC 792, RFC 1191, section 4), and
 * ICMPv6 packet too big (RFC 4443, section 3.2). All fields are big-endian.
 */
import { readU16, readU32 } from '../big-endian';
import type { Route } from '../reply';
import { TCP_PORTS_BYTES, tcpDestinationPort, tcpSequence, tcpSourcePort } from '../tcp';
import type { Family } from '../address/address';
import {
  checkIpv4,
  IP_PROTOCOL_TCP,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from './ipv4';
import { emptyIpv6Walk, ipv6Destination, ipv6Source, walkIpv6 } from './ipv6';

export interface TooBig {
  /** The connection that the packet belonged to, as its sender sees it: from the client to the server. */
  readonly route: Route;
  /** Of the segment in it. */
  readonly sequence: number;
  /** Of the largest packet that goes on. */
  readonly mtu_bytes: number;
}

/** u8 type, u8 code, u16 checksum, four bytes of the type's own; then the packet that it is about, as far as it fits. */
const ICMP_HEADER_BYTES = 8;
export const ICMP_UNREACHABLE = 3;
const CODE_FRAGMENTATION_NEEDED = 4;
const IPV4_MTU_AT = 6;
export const ICMPV6_TOO_BIG = 2;
const IPV6_MTU_AT = 4;

/** Less than any link has (net.ipv4.route.min_pmtu), and what a router of before RFC 1191 leaves at 0 says nothing. */
const IPV4_MTU_MIN_BYTES = 552;
/** RFC 8200, section 5: every link takes as much, and who says less is not believed (RFC 8201, section 4). */
export const IPV6_MTU_MIN_BYTES = 1280;
/** Ports, and the sequence number. */
const TCP_NEEDED_BYTES = TCP_PORTS_BYTES + 4;

/**
 * @param bytes of an ICMP message, from its header on; for IPv4 from the IP header on, as raw sockets have it (raw(7))
 * @returns undefined for everything else, and for what is not about TCP
 */
export const readTooBig = (bytes: Uint8Array, length: number, family: Family): TooBig | undefined =>
  family === 6 ? readPacketTooBig(bytes, length) : readFragmentationNeeded(bytes, length);

function readPacketTooBig(bytes: Uint8Array, length: number): TooBig | undefined {
  if (length < ICMP_HEADER_BYTES || bytes[0] !== ICMPV6_TOO_BIG) return undefined;
  const mtu_bytes = readU32(bytes, IPV6_MTU_AT);
  if (mtu_bytes < IPV6_MTU_MIN_BYTES) return undefined;
  const walk = emptyIpv6Walk();
  if (walkIpv6(walk, bytes, ICMP_HEADER_BYTES, length - ICMP_HEADER_BYTES) !== undefined) return undefined;
  if (walk.protocol !== IP_PROTOCOL_TCP) return undefined;
  const source = ipv6Source(bytes, ICMP_HEADER_BYTES);
  const destination = ipv6Destination(bytes, ICMP_HEADER_BYTES);
  return source === undefined || destination === undefined
    ? undefined
    : tooBigOf(bytes, walk.at, length, source, destination, mtu_bytes);
}

function readFragmentationNeeded(bytes: Uint8Array, length: number): TooBig | undefined {
  if (checkIpv4(bytes, 0, length) !== undefined) return undefined;
  const icmp = ipv4HeaderLength(bytes, 0);
  const inner = icmp + ICMP_HEADER_BYTES;
  if (length < inner || bytes[icmp] !== ICMP_UNREACHABLE || bytes[icmp + 1] !== CODE_FRAGMENTATION_NEEDED)
    return undefined;
  const mtu_bytes = readU16(bytes, icmp + IPV4_MTU_AT);
  if (mtu_bytes === 0 || checkIpv4(bytes, inner, length - inner) !== undefined) return undefined;
  if (ipv4Protocol(bytes, inner) !== IP_PROTOCOL_TCP || ipv4FragmentOffset(bytes, inner) !== 0)
    return undefined;
  return tooBigOf(
    bytes,
    inner + ipv4HeaderLength(bytes, inner),
    length,
    ipv4Source(bytes, inner),
    ipv4Destination(bytes, inner),
    Math.max(mtu_bytes, IPV4_MTU_MIN_BYTES),
  );
}

/** @param at of the TCP header */
function tooBigOf(
  bytes: Uint8Array,
  at: number,
  length: number,
  clientAddress: number,
  serverAddress: number,
  mtu_bytes: number,
): TooBig | undefined {
  if (at + TCP_NEEDED_BYTES > length) return undefined;
  const clientPort = tcpSourcePort(bytes, at);
  const serverPort = tcpDestinationPort(bytes, at);
  return {
    route: { clientAddress, clientPort, serverAddress, serverPort },
    sequence: tcpSequence(bytes, at),
    mtu_bytes,
  };
}

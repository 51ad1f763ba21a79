/** A TCP segment without options and payload, as a whole IPv4 packet: all that a canary or a burial has to say. */
import { tcpChecksum } from '../wire/checksum';
import type { Endpoint } from '../wire/flow';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../wire/ipv4';
import { emitTcp, putTcpChecksum, TCP_HEADER_MIN_BYTES } from '../wire/tcp';

export interface BareSegment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** Hops. */
  readonly ttl: number;
}

/** Linux's default (net.ipv4.ip_default_ttl). */
export const TTL_DEFAULT = 64;

export function bareSegment({ from, to, sequence, acknowledgment, flags, ttl }: BareSegment): Uint8Array {
  const totalLength = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
  const packet = new Uint8Array(totalLength);
  emitIpv4(packet, 0, {
    totalLength,
    identification: 0,
    ttl,
    protocol: IP_PROTOCOL_TCP,
    source: from.address,
    destination: to.address,
  });
  emitTcp(packet, IPV4_HEADER_MIN_BYTES, {
    sourcePort: from.port,
    destinationPort: to.port,
    sequence,
    acknowledgment,
    headerLength: TCP_HEADER_MIN_BYTES,
    flags,
    window: 0,
  });
  const checksum = tcpChecksum(packet, IPV4_HEADER_MIN_BYTES, TCP_HEADER_MIN_BYTES, from.address, to.address);
  putTcpChecksum(packet, IPV4_HEADER_MIN_BYTES, checksum);
  return packet;
}

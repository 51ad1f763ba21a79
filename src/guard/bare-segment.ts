/** A TCP segment without options and payload, as a whole IP packet: all that a canary or a burial has to say. */
import { tcpChecksum } from '../wire/checksum';
import type { Endpoint } from '../wire/flow';
import { emitIp, ipHeader_bytes } from '../wire/ip/ip';
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
  const tcp = ipHeader_bytes(to.address);
  const packet = new Uint8Array(tcp + TCP_HEADER_MIN_BYTES);
  const ip = { identification: 0, ttl, source: from.address, destination: to.address };
  emitIp(packet, 0, ip, TCP_HEADER_MIN_BYTES);
  emitTcp(packet, tcp, {
    sourcePort: from.port,
    destinationPort: to.port,
    sequence,
    acknowledgment,
    headerLength: TCP_HEADER_MIN_BYTES,
    flags,
    window: 0,
  });
  const checksum = tcpChecksum(packet, tcp, TCP_HEADER_MIN_BYTES, from.address, to.address);
  putTcpChecksum(packet, tcp, checksum);
  return packet;
}

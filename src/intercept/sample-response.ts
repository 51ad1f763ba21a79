/** A response as a test server sends it, for asking a filter. */
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../wire/ip/ipv4';
import { ACK, emitTcp, SYN, TCP_HEADER_MIN_BYTES } from '../wire/tcp';

/** Addresses that nobody has (RFC 5737), host order. */
const SERVER = 0xcb_00_71_01;
const CLIENT = 0xcb_00_71_02;
const CLIENT_PORT = 40_000;

/** A SYN-ACK from the port, from its IPv4 header on. */
export function sampleResponse(port: number): Uint8Array {
  const length = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
  const packet = new Uint8Array(length);
  emitIpv4(packet, 0, {
    totalLength: length,
    identification: 0,
    ttl: 64,
    protocol: IP_PROTOCOL_TCP,
    source: SERVER,
    destination: CLIENT,
  });
  emitTcp(packet, IPV4_HEADER_MIN_BYTES, {
    sourcePort: port,
    destinationPort: CLIENT_PORT,
    sequence: 0,
    acknowledgment: 0,
    headerLength: TCP_HEADER_MIN_BYTES,
    flags: SYN | ACK,
    window: 0xffff,
  });
  return packet;
}

/** Ready-made frames: requests of many connections to the test server, as tcpcopy would send them. */
import { tcpChecksum } from '../../src/wire/checksum';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../../src/wire/ip/ipv4';
import { ACK, emitTcp, PSH, putTcpChecksum, TCP_HEADER_MIN_BYTES } from '../../src/wire/tcp';

export const ETHERNET_HEADER_BYTES = 14;
export const MTU_BYTES = 1500;
/** As many as fit into one system call. */
const FRAMES = 64;
const HEADERS_BYTES = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
const PORT_FIRST = 20_000;

export interface FrameEnds {
  /** Six bytes. */
  readonly sourceLink: Uint8Array;
  readonly destinationLink: Uint8Array;
  /** Host order. */
  readonly clientAddress: number;
  readonly testAddress: number;
  readonly testPort: number;
}

/** @returns frames of the same length, one behind the other */
export function readyMadeFrames(ends: FrameEnds, payload_bytes: number): Uint8Array {
  const frame_bytes = frameLength_bytes(payload_bytes);
  const bytes = new Uint8Array(FRAMES * frame_bytes);
  for (let index = 0; index < FRAMES; index += 1) {
    const frame = bytes.subarray(index * frame_bytes, (index + 1) * frame_bytes);
    frame.set(ends.destinationLink, 0);
    frame.set(ends.sourceLink, 6);
    frame.set([0x08, 0x00], 12); // IPv4
    writePacket(frame.subarray(ETHERNET_HEADER_BYTES), ends, index);
  }
  return bytes;
}

export const frameLength_bytes = (payload_bytes: number): number =>
  ETHERNET_HEADER_BYTES + HEADERS_BYTES + payload_bytes;

function writePacket(
  packet: Uint8Array,
  { clientAddress, testAddress, testPort }: FrameEnds,
  index: number,
): void {
  const tcp = IPV4_HEADER_MIN_BYTES;
  const payload_bytes = packet.length - HEADERS_BYTES;
  emitIpv4(packet, 0, {
    totalLength: packet.length,
    identification: index + 1,
    ttl: 64,
    protocol: IP_PROTOCOL_TCP,
    source: clientAddress,
    destination: testAddress,
  });
  emitTcp(packet, tcp, {
    sourcePort: PORT_FIRST + index,
    destinationPort: testPort,
    sequence: 1 + index * payload_bytes,
    acknowledgment: 1,
    headerLength: TCP_HEADER_MIN_BYTES,
    flags: ACK | PSH,
    window: 0xffff,
  });
  packet.fill(0x61, HEADERS_BYTES);
  putTcpChecksum(packet, tcp, tcpChecksum(packet, tcp, packet.length - tcp, clientAddress, testAddress));
}

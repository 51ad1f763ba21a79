/** Builds the IPv4 packets of the copy, always in the same buffer. */
import { tcpChecksum } from '../../wire/checksum';
import { copyBytes } from '../../wire/copy-bytes';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../../wire/ipv4';
import { emitTcp, putTcpChecksum, TCP_HEADER_MAX_BYTES, TCP_HEADER_MIN_BYTES } from '../../wire/tcp';
import { emitSynOptions } from '../../wire/tcp-options';
import type { Route } from '../../wire/reply';
import type { OutgoingSegment } from './segment';

/** Linux's default (net.ipv4.ip_default_ttl). */
const TIME_TO_LIVE = 64;

export class PacketWriter {
  readonly packet: Uint8Array;
  #identification = 0;

  constructor(mtu_bytes: number) {
    this.packet = new Uint8Array(Math.max(mtu_bytes, IPV4_HEADER_MIN_BYTES + TCP_HEADER_MAX_BYTES));
  }

  /** Writes the packet from the route's client to its server into `packet`; returns its length in bytes. */
  write(route: Route, segment: OutgoingSegment): number {
    const { packet } = this;
    const tcp = IPV4_HEADER_MIN_BYTES;
    const optionsLength = segment.synOptions
      ? emitSynOptions(packet, tcp + TCP_HEADER_MIN_BYTES, segment.synOptions)
      : 0;
    const headerLength = TCP_HEADER_MIN_BYTES + optionsLength;
    const tcpLength = headerLength + segment.payloadLength;
    const totalLength = tcp + tcpLength;
    this.#identification = (this.#identification + 1) & 0xffff;
    emitIpv4(packet, 0, {
      totalLength,
      identification: this.#identification,
      ttl: TIME_TO_LIVE,
      protocol: IP_PROTOCOL_TCP,
      source: route.clientAddress,
      destination: route.serverAddress,
    });
    emitTcp(packet, tcp, {
      sourcePort: route.clientPort,
      destinationPort: route.serverPort,
      sequence: segment.sequence,
      acknowledgment: segment.acknowledgment,
      headerLength,
      flags: segment.flags,
      window: segment.window,
    });
    if (segment.payload) {
      const { payload, payloadStart, payloadLength } = segment;
      copyBytes(payload.bytes, payloadStart, payloadStart + payloadLength, packet, tcp + headerLength);
    }
    putTcpChecksum(
      packet,
      tcp,
      tcpChecksum(packet, tcp, tcpLength, route.clientAddress, route.serverAddress),
    );
    return totalLength;
  }
}

/** Builds the packets of the copy, always in the same buffer. */
import { tcpChecksum } from '../../wire/checksum';
import { copyBytes } from '../../wire/copy-bytes';
import { emitIp, IP_HEADER_MAX_BYTES, ipHeader_bytes } from '../../wire/ip/ip';
import { emitTcp, putTcpChecksum, TCP_HEADER_MAX_BYTES, TCP_HEADER_MIN_BYTES } from '../../wire/tcp';
import { emitSynOptions } from '../../wire/tcp-options';
import type { Route } from '../../wire/reply';
import type { OutgoingSegment } from './segment';

/** Linux's default (net.ipv4.ip_default_ttl, net.ipv6.conf.*.hop_limit). */
const TIME_TO_LIVE = 64;

export class PacketWriter {
  readonly packet: Uint8Array;
  #identification = 0;

  constructor(mtu_bytes: number) {
    this.packet = new Uint8Array(Math.max(mtu_bytes, IP_HEADER_MAX_BYTES + TCP_HEADER_MAX_BYTES));
  }

  /** Writes the packet from the route's client to its server into `packet`; returns its length in bytes. */
  write(route: Route, segment: OutgoingSegment): number {
    const { packet } = this;
    const tcp = ipHeader_bytes(route.serverAddress);
    const optionsLength = segment.synOptions
      ? emitSynOptions(packet, tcp + TCP_HEADER_MIN_BYTES, segment.synOptions)
      : 0;
    const headerLength = TCP_HEADER_MIN_BYTES + optionsLength;
    const tcpLength = headerLength + segment.payloadLength;
    this.#identification = (this.#identification + 1) & 0xffff;
    const ip = {
      identification: this.#identification,
      ttl: TIME_TO_LIVE,
      source: route.clientAddress,
      destination: route.serverAddress,
    };
    emitIp(packet, 0, ip, tcpLength);
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
      const from = payload.from + payloadStart;
      copyBytes(payload.store, from, from + payloadLength, packet, tcp + headerLength);
    }
    putTcpChecksum(
      packet,
      tcp,
      tcpChecksum(packet, tcp, tcpLength, route.clientAddress, route.serverAddress),
    );
    return tcp + tcpLength;
  }
}

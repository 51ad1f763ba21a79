/** Builds the packets of the copy, always in the same buffer, and from the same objects: none is made for a packet. */
import { finishChecksum, pseudoHeaderSum, sumWords } from '../../wire/checksum';
import { copyBytes } from '../../wire/copy-bytes';
import { emitIp, IP_HEADER_MAX_BYTES, ipHeader_bytes } from '../../wire/ip/ip';
import { emitTcp, putTcpChecksum, TCP_HEADER_MAX_BYTES, TCP_HEADER_MIN_BYTES } from '../../wire/tcp';
import { emitSynOptions } from '../../wire/tcp-options';
import type { Route } from '../../wire/reply';
import type { OutgoingSegment } from './segment';

/** Linux's default (net.ipv4.ip_default_ttl, net.ipv6.conf.*.hop_limit). */
const TIME_TO_LIVE = 64;
const WORD_BYTES = 4;

export class PacketWriter {
  readonly packet: Uint8Array;
  /** Of the same memory. */
  readonly #words: Uint32Array;
  readonly #ip = { identification: 0, ttl: TIME_TO_LIVE, source: 0, destination: 0 };
  readonly #tcp = {
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgment: 0,
    headerLength: 0,
    flags: 0,
    window: 0,
  };

  constructor(mtu_bytes: number) {
    const packet_bytes = Math.max(mtu_bytes, IP_HEADER_MAX_BYTES + TCP_HEADER_MAX_BYTES);
    // And a word of zeros that the last one is summed with.
    this.#words = new Uint32Array(Math.ceil(packet_bytes / WORD_BYTES) + 1);
    this.packet = new Uint8Array(this.#words.buffer);
  }

  /** Writes the packet from the route's client to its server into `packet`; returns its length in bytes. */
  write(route: Route, segment: OutgoingSegment): number {
    const { packet } = this;
    const { payload, payloadLength, synOptions } = segment;
    const at = ipHeader_bytes(route.serverAddress);
    const options_bytes = synOptions ? emitSynOptions(packet, at + TCP_HEADER_MIN_BYTES, synOptions) : 0;
    const header_bytes = TCP_HEADER_MIN_BYTES + options_bytes;
    this.#writeHeaders(route, segment, at, header_bytes);
    if (payload) {
      const from = payload.from + segment.payloadStart;
      copyBytes(payload.store, from, from + payloadLength, packet, at + header_bytes);
    }
    const tcp_bytes = header_bytes + payloadLength;
    const end = at + tcp_bytes;
    packet[end] = packet[end + 1] = packet[end + 2] = 0;
    const pseudo = pseudoHeaderSum(route.clientAddress, route.serverAddress, tcp_bytes);
    putTcpChecksum(packet, at, finishChecksum(pseudo + sumWords(this.#words, at, tcp_bytes)));
    return end;
  }

  #writeHeaders(route: Route, segment: OutgoingSegment, at: number, header_bytes: number): void {
    const ip = this.#ip;
    ip.identification = (ip.identification + 1) & 0xffff;
    ip.source = route.clientAddress;
    ip.destination = route.serverAddress;
    emitIp(this.packet, 0, ip, header_bytes + segment.payloadLength);
    const tcp = this.#tcp;
    tcp.sourcePort = route.clientPort;
    tcp.destinationPort = route.serverPort;
    tcp.sequence = segment.sequence;
    tcp.acknowledgment = segment.acknowledgment;
    tcp.headerLength = header_bytes;
    tcp.flags = segment.flags;
    tcp.window = segment.window;
    emitTcp(this.packet, at, tcp);
  }
}

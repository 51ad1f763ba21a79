/** Connections as tcpdump records them beside a server, with all that both ends say to each other. */
import { seqAdd } from '../../../../src/wire/sequence';
import { emitPcapFileHeader, emitPcapRecord } from '../../../../src/wire/capture/pcap';
import { emitIpv4, IP_PROTOCOL_TCP } from '../../../../src/wire/ip/ipv4';
import { LINKTYPE } from '../../../../src/wire/encapsulation/link';
import { ACK, emitTcp, FIN, PSH, RST, SYN } from '../../../../src/wire/tcp';

export interface End {
  /** IPv4, as a number. */
  readonly address: number;
  readonly port: number;
}

export interface Packet {
  readonly from: 'client' | 'server';
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  readonly time_s: number;
}

const SEGMENT_BYTES = 1448;
/** That is under way before anything is acknowledged (RFC 6928). */
const WINDOW_BYTES = 10 * SEGMENT_BYTES;
const WIRE_S = 0.000_02;
const IPV4_BYTES = 20;
const TCP_BYTES = 20;
const NOTHING = new Uint8Array(0);

export class Recorder {
  readonly #packets: Packet[] = [];

  /** @param asCaptured what becomes of the packets, in their order */
  constructor(
    private readonly asCaptured: (packets: readonly Packet[]) => readonly Packet[] = (all) => all,
  ) {}

  add(packet: Packet): void {
    this.#packets.push(packet);
  }

  packets(): readonly Packet[] {
    return this.asCaptured(this.#packets.toSorted((a, b) => a.time_s - b.time_s));
  }

  pcap(): Buffer {
    const records = this.packets().map(({ bytes, time_s }) => emitPcapRecord(bytes, time_s));
    return Buffer.concat([emitPcapFileHeader(LINKTYPE.raw), ...records]);
  }
}

export class RecordedConnection {
  readonly #next: Record<Packet['from'], number>;

  /** @param from sequence number of the client's first byte @param serverFrom of the server's */
  constructor(
    private readonly recorder: Recorder,
    private readonly client: End,
    private readonly server: End,
    from: number,
    serverFrom: number,
  ) {
    this.#next = { client: from, server: serverFrom };
  }

  open(at_s: number): void {
    this.#next.client = seqAdd(this.#next.client, -1);
    this.#next.server = seqAdd(this.#next.server, -1);
    this.#put('client', SYN, at_s);
    this.#next.client = seqAdd(this.#next.client, 1);
    this.#put('server', SYN | ACK, at_s + WIRE_S);
    this.#next.server = seqAdd(this.#next.server, 1);
    this.#put('client', ACK, at_s + 2 * WIRE_S);
  }

  /** Ten segments at once; what is longer goes on when the client has acknowledged. @returns when the last of it was there */
  answerByRounds(at_s: number, bytes: Uint8Array, round_s: number): number {
    let [time_s, end_s] = [at_s, at_s];
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      end_s = this.#speak('server', time_s, bytes.subarray(at, at + WINDOW_BYTES));
      time_s = end_s + round_s;
      this.#put('client', ACK, time_s - WIRE_S);
    }
    return end_s;
  }

  /** @returns when the last of it was there */
  say(at_s: number, bytes: Uint8Array): number {
    return this.#speak('client', at_s, bytes);
  }

  answer(at_s: number, bytes: Uint8Array): number {
    const end_s = this.#speak('server', at_s, bytes);
    this.#put('client', ACK, end_s + WIRE_S / 2);
    return end_s;
  }

  /** By the client. */
  reset(at_s: number): void {
    this.#put('client', RST | ACK, at_s);
  }

  close(at_s: number, first: Packet['from'] = 'client'): void {
    const other = first === 'client' ? 'server' : 'client';
    for (const [turn, who] of ([first, other] as const).entries()) {
      this.#put(who, FIN | ACK, at_s + turn * WIRE_S);
      this.#next[who] = seqAdd(this.#next[who], 1);
    }
    this.#put(first, ACK, at_s + 2 * WIRE_S);
  }

  #speak(who: Packet['from'], at_s: number, bytes: Uint8Array): number {
    let time_s = at_s;
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES);
      time_s = at_s + (at / SEGMENT_BYTES) * WIRE_S;
      this.#put(who, ACK | PSH, time_s, part);
      this.#next[who] = seqAdd(this.#next[who], part.length);
    }
    return time_s;
  }

  #put(from: Packet['from'], flags: number, time_s: number, payload: Uint8Array = NOTHING): void {
    const to = from === 'client' ? 'server' : 'client';
    const [source, destination] = from === 'client' ? [this.client, this.server] : [this.server, this.client];
    const bytes = new Uint8Array(IPV4_BYTES + TCP_BYTES + payload.length);
    emitIpv4(bytes, 0, {
      totalLength: bytes.length,
      identification: 0,
      ttl: 64,
      protocol: IP_PROTOCOL_TCP,
      source: source.address,
      destination: destination.address,
    });
    emitTcp(bytes, IPV4_BYTES, {
      sourcePort: source.port,
      destinationPort: destination.port,
      sequence: this.#next[from],
      acknowledgment: flags & ACK ? this.#next[to] : 0,
      headerLength: TCP_BYTES,
      flags,
      window: 65_535,
    });
    bytes.set(payload, IPV4_BYTES + TCP_BYTES);
    this.recorder.add({ from, bytes, time_s });
  }
}

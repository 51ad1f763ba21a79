/**
 * The engine without a kernel: captured bytes in, packets out, and replies through the control channel's frames, between
 * a made-up client, online server and test server that lose nothing.
 */
import { encodeFrame, FrameDecoder } from '../../src/control/frames';
import { Engine } from '../../src/session/engine';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../../src/wire/ipv4';
import type { Reply } from '../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../src/wire/segment';
import { ACK, emitTcp, PSH, SYN, TCP_HEADER_MIN_BYTES } from '../../src/wire/tcp';

const HEADERS_BYTES = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
const REQUEST_BYTES = 98;
const RESPONSE_BYTES = 238;
/** 198.18.0.0: clients, the two servers behind them. */
const CLIENTS = 0xc6120000;
const ONLINE = 0xc6130001;
const TEST = 0xc6130002;
const PORT_FIRST = 1024;
const PORTS = 60_000;
const CLIENT_ISN = 1000;
const SERVER_ISN = 5000;
const WINDOW = 65_535;
/** How many segments and replies come together, as they do under load. */
const TOGETHER = 10;
const TURN_MS = 0.4;

export class EnginePlay {
  readonly #engine: Engine;
  readonly #decoder = new FrameDecoder();
  readonly #view = emptySegmentView();
  readonly #sent = emptySegmentView();
  readonly #segment = new Uint8Array(HEADERS_BYTES + REQUEST_BYTES);
  #replies: Reply[] = [];
  #now_ms = 0;
  /** Rounds of requests that every connection has made. */
  #rounds = 0;

  constructor(readonly connections: number) {
    const transfer = { onlineAddress: ONLINE, onlinePort: 80, testAddress: TEST, testPort: 8080 };
    this.#engine = new Engine(
      { transfers: [transfer], sessions_max: connections },
      {
        send: (packet, length) => this.#answer(packet, length),
        register: () => undefined,
        unregister: () => undefined,
        abandon: () => undefined,
      },
    );
    this.#engine.setGuard('armed', 0);
  }

  /** What the test server got. */
  get requestsSent(): number {
    return this.#engine.counters.requests_sent;
  }

  get sessionsOpen(): number {
    return this.#engine.sessionCount;
  }

  open(): void {
    this.#each((connection) => this.#capture(connection, SYN, CLIENT_ISN, 0, 0));
  }

  /** One request on every connection, `TOGETHER` of them at a time. */
  round(): void {
    const sequence = CLIENT_ISN + 1 + this.#rounds * REQUEST_BYTES;
    const acknowledgment = SERVER_ISN + 1 + this.#rounds * RESPONSE_BYTES;
    this.#each((connection) => this.#capture(connection, ACK | PSH, sequence, acknowledgment, REQUEST_BYTES));
    this.#rounds += 1;
  }

  #each(speak: (connection: number) => void): void {
    for (let from = 0; from < this.connections; from += TOGETHER) {
      const to = Math.min(from + TOGETHER, this.connections);
      for (let connection = from; connection < to; connection += 1) speak(connection);
      this.#deliver();
    }
  }

  #capture(
    connection: number,
    flags: number,
    sequence: number,
    acknowledgment: number,
    length: number,
  ): void {
    const bytes = this.#segment;
    emitIpv4(bytes, 0, {
      totalLength: HEADERS_BYTES + length,
      identification: 1,
      ttl: 64,
      protocol: IP_PROTOCOL_TCP,
      source: CLIENTS + Math.floor(connection / PORTS),
      destination: ONLINE,
    });
    emitTcp(bytes, IPV4_HEADER_MIN_BYTES, {
      sourcePort: PORT_FIRST + (connection % PORTS),
      destinationPort: 80,
      sequence,
      acknowledgment,
      headerLength: TCP_HEADER_MIN_BYTES,
      flags,
      window: WINDOW,
    });
    if (viewSegment(this.#view, bytes, 0, HEADERS_BYTES + length, 'whole') === undefined)
      this.#engine.captured(this.#view, this.#now_ms);
  }

  /** The test server's answer, as far as intercept sees it. */
  #answer(packet: Uint8Array, length: number): void {
    const view = this.#sent;
    viewSegment(view, packet, 0, length, 'whole');
    const syn = (view.flags & SYN) !== 0;
    if (!syn && view.payloadLength === 0) return;
    this.#replies.push({
      clientAddress: view.source,
      clientPort: view.sourcePort,
      serverAddress: view.destination,
      serverPort: view.destinationPort,
      sequence: syn ? SERVER_ISN : view.acknowledgment,
      acknowledgment: (view.sequence + view.payloadLength + (syn ? 1 : 0)) >>> 0,
      flags: syn ? SYN | ACK : PSH | ACK,
      window: WINDOW,
      payloadLength: syn ? 0 : RESPONSE_BYTES,
      maximumSegmentSize: syn ? 1460 : undefined,
      windowScale: undefined,
    });
  }

  #deliver(): void {
    while (this.#replies.length > 0) {
      const replies = this.#replies;
      this.#replies = [];
      for (const message of this.#decoder.push(encodeFrame({ kind: 'replies', replies }))) {
        if (message.kind !== 'replies') continue;
        for (const reply of message.replies) this.#engine.replied(reply, this.#now_ms);
      }
    }
    this.#now_ms += TURN_MS;
    this.#engine.tick(this.#now_ms);
  }
}

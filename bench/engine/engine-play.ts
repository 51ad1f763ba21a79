/**
 * The engine without a kernel: captured bytes in, packets out, and replies through the control channel's frames, between
 * a made-up client, online server and test server that lose nothing.
 */
import { encodeFrame, FrameDecoder } from '../../src/control/frames';
import { Engine } from '../../src/session/engine';
import { emitIpv4, IP_PROTOCOL_TCP, IPV4_HEADER_MIN_BYTES } from '../../src/wire/ip/ipv4';
import type { Reply } from '../../src/wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../src/wire/segment';
import { ALONE, isOfShare, type Share } from '../../src/wire/tables/share';
import { ACK, emitTcp, PSH, SYN, TCP_HEADER_MIN_BYTES } from '../../src/wire/tcp';

const HEADERS_BYTES = IPV4_HEADER_MIN_BYTES + TCP_HEADER_MIN_BYTES;
const RESPONSE_BYTES = 238;
export const ONLINE = 0xc6130001;
const PORT_FIRST = 1024;
const PORTS = 60_000;
const CLIENT_ISN = 1000;
const SERVER_ISN = 5000;
const WINDOW = 65_535;
/** How many segments and replies come together, as they do under load. */
const TOGETHER = 10;
const TURN_MS = 0.4;

/** What is not made up, where packets really leave. */
export interface PlayOptions {
  readonly requestBytes?: number;
  /** The first client's address (host order); the others are behind it. */
  readonly clients?: number;
  readonly test?: { readonly address: number; readonly port: number };
  /** Of a worker, which has a part of the connections. */
  readonly share?: Share;
  /** Takes each packet, borrowed for the call. */
  readonly send?: (packet: Uint8Array, length: number) => void;
  /** What one turn of the event loop brought is over. */
  readonly turnOver?: () => void;
}

const NOWHERE: Required<PlayOptions> = {
  requestBytes: 98,
  clients: 0xc6120000,
  test: { address: 0xc6130002, port: 8080 },
  share: ALONE,
  send: () => undefined,
  turnOver: () => undefined,
};

export class EnginePlay {
  readonly #engine: Engine;
  readonly #decoder = new FrameDecoder();
  readonly #view = emptySegmentView();
  readonly #sent = emptySegmentView();
  readonly #options: Required<PlayOptions>;
  readonly #segment: Uint8Array;
  /** Those that are played, by number. */
  readonly #own: readonly number[];
  #replies: Reply[] = [];
  #now_ms = 0;
  #heard = 0;
  /** Rounds of requests that every connection has made. */
  #rounds = 0;

  constructor(
    readonly connections: number,
    options: PlayOptions = {},
  ) {
    this.#options = { ...NOWHERE, ...options };
    const { test, requestBytes, send, share } = this.#options;
    this.#own = Array.from({ length: connections }, (_, connection) => connection).filter((connection) =>
      isOfShare(share, this.#clientOf(connection), portOf(connection)),
    );
    this.#segment = new Uint8Array(HEADERS_BYTES + requestBytes);
    const transfer = {
      onlineAddress: ONLINE,
      onlinePort: 80,
      testAddress: test.address,
      testPort: test.port,
    };
    this.#engine = new Engine(
      { transfers: [transfer], sessions_max: connections, ...(share.count > 1 && { share }) },
      {
        send: (packet, length) => {
          send(packet, length);
          this.#answer(packet, length);
        },
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

  /** What a client says to port 80 of any server, from elsewhere. */
  captured(view: SegmentView): void {
    this.#engine.captured(view, this.#now_ms);
    this.#heard += 1;
    if (this.#heard % TOGETHER === 0) this.#deliver();
  }

  /** One request on every connection, `TOGETHER` of them at a time. */
  round(): void {
    const { requestBytes } = this.#options;
    const sequence = (CLIENT_ISN + 1 + this.#rounds * requestBytes) >>> 0;
    const acknowledgment = (SERVER_ISN + 1 + this.#rounds * RESPONSE_BYTES) >>> 0;
    this.#each((connection) => this.#capture(connection, ACK | PSH, sequence, acknowledgment, requestBytes));
    this.#rounds += 1;
  }

  #each(speak: (connection: number) => void): void {
    const own = this.#own;
    for (let from = 0; from < own.length; from += TOGETHER) {
      const to = Math.min(from + TOGETHER, own.length);
      for (let place = from; place < to; place += 1) speak(own[place]!);
      this.#deliver();
    }
  }

  #clientOf(connection: number): number {
    return this.#options.clients + Math.floor(connection / PORTS);
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
      source: this.#clientOf(connection),
      destination: ONLINE,
    });
    emitTcp(bytes, IPV4_HEADER_MIN_BYTES, {
      sourcePort: portOf(connection),
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
      at_ms: this.#now_ms,
    });
  }

  #deliver(): void {
    while (this.#replies.length > 0) {
      const replies = this.#replies;
      this.#replies = [];
      for (const message of this.#decoder.push(encodeFrame({ kind: 'replies', replies }))) {
        if (message.kind !== 'replies') continue;
        const { replies: told } = message;
        for (let at = 0; at < told.length; at += 1) this.#engine.replied(told.at(at)!, this.#now_ms);
      }
    }
    this.#now_ms += TURN_MS;
    this.#engine.tick(this.#now_ms);
    this.#options.turnOver();
  }
}

const portOf = (connection: number): number => PORT_FIRST + (connection % PORTS);

/** The connections of clients to one server, out of segments of both directions, and what is exchanged in them. */
import { formatEndpoint } from '../../wire/flow';
import { seqAdd, seqDiff } from '../../wire/sequence';
import type { SegmentView } from '../../wire/segment';
import { ACK, FIN, RST, SYN } from '../../wire/tcp';
import { holdAddress, letGoOfAddress } from '../../wire/address/address';
import { Connection } from './connection';
import type { Exchange, Kept } from './exchange';
import { isTlsRecord, mayBegin } from './protocol';

const CONNECTIONS_MAX = 100_000;
/** So many that are over are remembered: what is said again of them begins nothing. */
const OVER_MAX = 10_000;
/** What is said again lies no further behind. */
const BEHIND_MAX_BYTES = 1024 * 1024;

export interface ConnectionsOptions {
  readonly kept: Kept;
  /** Whether a connection is looked at, by the client's end; the same for all sides. */
  readonly isChosen: (segment: Pick<SegmentView, 'source' | 'sourcePort'>) => boolean;
  /** What was asked so long before the capture's end, and is not answered then, will not be. */
  readonly patience_s: number;
}

export type Due = 'now' | 'later' | 'never';

export interface ConnectionCounts {
  connections: number;
  /** Begun before the capture, and found again at a request. */
  joined: number;
  /** The capture lost a part of them. */
  broken: number;
  encrypted: number;
  /** In clear text. */
  http2: number;
  /** Begun before the capture, and never found. */
  unjoined: number;
  /** Of what the server has said nothing was captured, though its client has heard it. */
  oneSided: number;
  /** Not read to their end, by why. */
  readonly given_up: Record<string, number>;
}

export const noConnections = (): ConnectionCounts => ({
  connections: 0,
  joined: 0,
  broken: 0,
  encrypted: 0,
  http2: 0,
  unjoined: 0,
  oneSided: 0,
  given_up: {},
});

export class Connections {
  readonly counts = noConnections();
  readonly #open = new Map<string, { readonly connection: Connection; readonly source: number }>();
  /** Sequence numbers of the clients' next bytes. */
  readonly #over = new Map<string, number>();
  /** Connections that nothing is known of, and whether that looks like TLS. */
  readonly #unjoined = new Map<string, boolean>();
  #last_s = 0;

  constructor(
    private readonly options: ConnectionsOptions,
    private readonly tell: (exchange: Exchange) => void,
  ) {}

  /** A segment that a client sent. @param time_s when it was captured */
  fromClient(view: SegmentView, time_s: number): void {
    if (!this.options.isChosen(view)) return;
    this.#last_s = Math.max(this.#last_s, time_s);
    const { source, sourcePort, destination, destinationPort, flags, sequence } = view;
    const key = `${source} ${sourcePort} ${destination} ${destinationPort}`;
    const bytes = payloadOf(view);
    const opens = (flags & SYN) !== 0 && (flags & ACK) === 0;
    const first = flags & SYN ? seqAdd(sequence, 1) : sequence;
    let connection = this.#open.get(key)?.connection;
    if (connection && ((opens && (connection.from !== first || connection.isOver)) || connection.isBroken)) {
      this.#close(key);
      connection = undefined;
    }
    if (!connection) {
      // Of one that began before the capture only a request is known for a beginning.
      if (!opens && (this.#isSaidAgain(key, first) || !mayBegin(bytes))) {
        if (bytes.length > 0 && !this.#over.has(key)) this.#miss(key, bytes);
        return;
      }
      this.#unjoined.delete(key);
      connection = this.#begin(key, view, first, !opens);
    }
    if (opens) connection.opened(time_s);
    if (flags & ACK) connection.takes(view.acknowledgment, view.window, time_s);
    connection.said(first, bytes, time_s);
    if (flags & FIN) connection.clientEnds(seqAdd(first, bytes.length));
    if (flags & RST) connection.reset();
    if (connection.isOver) this.#close(key);
  }

  fromServer(view: SegmentView, time_s: number): void {
    const { source, sourcePort, destination, destinationPort, flags, sequence } = view;
    const key = `${destination} ${destinationPort} ${source} ${sourcePort}`;
    const connection = this.#open.get(key)?.connection;
    if (!connection) return;
    if (connection.isBroken) {
      this.#close(key);
      return;
    }
    this.#last_s = Math.max(this.#last_s, time_s);
    const first = flags & SYN ? seqAdd(sequence, 1) : sequence;
    const bytes = payloadOf(view);
    if (flags & SYN) {
      connection.serverFrom(first);
      connection.accepted(time_s);
    }
    if (flags & ACK) connection.heard('server', view.acknowledgment);
    connection.answered(first, bytes, time_s);
    if (flags & FIN) connection.serverEnds(seqAdd(first, bytes.length));
    if (flags & RST) connection.reset();
    if (connection.isOver) this.#close(key);
  }

  /**
   * Whether a segment of the server's can be read: `later`, once more of what the client had said before is there; `never`, for its
   * connection is over.
   */
  due({ source, sourcePort, destination, destinationPort, flags, acknowledgment }: SegmentView): Due {
    if (!(flags & ACK)) return 'now';
    const key = `${destination} ${destinationPort} ${source} ${sourcePort}`;
    const open = this.#open.get(key);
    if (open) return open.connection.hasSaid(acknowledgment) ? 'now' : 'later';
    const expected = this.#over.get(key);
    if (expected === undefined) return 'later';
    const ahead = seqDiff(acknowledgment, expected);
    // The client's FIN counts as one. What lies far away is of the next connection on this port.
    return ahead <= 1 && ahead > -BEHIND_MAX_BYTES ? 'never' : 'later';
  }

  /**
   * Nothing more is told of the connection of these two: nobody knows how what it is in the middle of would have ended.
   *
   * @returns whether it was open
   */
  forget({ source, sourcePort, destination, destinationPort }: SegmentView): boolean {
    return this.#forget(`${source} ${sourcePort} ${destination} ${destinationPort}`);
  }

  forgetAll(): void {
    for (const key of [...this.#open.keys()]) this.#forget(key);
  }

  /** Nothing more comes. */
  end(): void {
    for (const key of [...this.#open.keys()]) this.#close(key);
    for (const isEncrypted of this.#unjoined.values())
      this.counts[isEncrypted ? 'encrypted' : 'unjoined'] += 1;
    this.#unjoined.clear();
  }

  #miss(key: string, bytes: Buffer): void {
    if (this.#unjoined.has(key) || this.#unjoined.size >= OVER_MAX) return;
    this.#unjoined.set(key, isTlsRecord(bytes));
  }

  #isSaidAgain(key: string, sequence: number): boolean {
    const expected = this.#over.get(key);
    return expected !== undefined && seqDiff(sequence, expected) < 0;
  }

  #begin(key: string, { source, sourcePort }: SegmentView, from: number, joined: boolean): Connection {
    this.counts.connections += 1;
    if (joined) this.counts.joined += 1;
    this.#over.delete(key);
    holdAddress(source);
    const client = formatEndpoint(source, sourcePort);
    const connection = new Connection(client, from, joined, this.options.kept, this.tell);
    this.#open.set(key, { connection, source });
    if (this.#open.size > CONNECTIONS_MAX) this.#close(this.#open.keys().next().value!);
    return connection;
  }

  #forget(key: string): boolean {
    const open = this.#open.get(key);
    if (!open) return false;
    this.#open.delete(key);
    letGoOfAddress(open.source);
    return true;
  }

  #close(key: string): void {
    const { connection, source } = this.#open.get(key)!;
    this.#open.delete(key);
    letGoOfAddress(source);
    this.#over.set(key, connection.expected);
    if (this.#over.size > OVER_MAX) this.#over.delete(this.#over.keys().next().value!);
    if (connection.isOneSided) this.counts.oneSided += 1;
    else if (connection.hasHole) this.counts.broken += 1;
    if (connection.spoken === 'tls') this.counts.encrypted += 1;
    if (connection.spoken === 'http2') this.counts.http2 += 1;
    const { patience_s } = this.options;
    connection.close((requested_s) => requested_s > this.#last_s - patience_s);
    const { gaveUp } = connection;
    if (gaveUp !== undefined) this.counts.given_up[gaveUp] = (this.counts.given_up[gaveUp] ?? 0) + 1;
  }
}

const payloadOf = ({ bytes, payloadOffset, payloadLength }: SegmentView): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + payloadOffset, payloadLength);

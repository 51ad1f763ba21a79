/** How long the online server took: of all its connections that are watched, by the transfer that they belong to. */
import { familyOf, type Address, type Family } from '../../wire/address/address';
import type { Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';
import { SYN } from '../../wire/tcp';
import { ConnectionTable } from '../../wire/tables/connection-table';
import { Conversation, type ConversationHost, type Evidence } from './conversation';

/** Connections that are watched at once; others are counted. */
const CONNECTIONS_MAX = 100_000;
/** Who was silent for so long is forgotten: longer than an answer is waited for. */
const SILENCE_MAX_MS = 720_000;
const SWEEP_EVERY_MS = 60_000;

/** What is copied, as far as it says whose segment one is. */
export interface OnlineServer {
  readonly onlineAddress: Address | undefined;
  /** Undefined for both. */
  readonly onlineFamily?: Family;
  readonly onlinePort: number;
}

type Sought = { -readonly [Name in keyof Route]: Route[Name] };

export interface OnlineAnswersHost<T> {
  /** Whether anybody asks how a connection is answered; asked when it begins. */
  isWatched?(clientAddress: Address, clientPort: number): boolean;
  answered(transfer: T, by: Evidence, first_ms: number, last_ms: number): void;
}

export class OnlineAnswers<T extends OnlineServer> {
  readonly counters = {
    online_answers_timed: 0,
    online_answers_missing: 0,
    online_connections_not_watched: 0,
  };
  readonly #connections = new ConnectionTable<Conversation>();
  #count = 0;
  /** One for all that share it: what is sought by is no object of its own for each packet. */
  readonly #sought: Sought = { clientAddress: 0, clientPort: 0, serverAddress: 0, serverPort: 0 };
  readonly #hosts: ReadonlyMap<T, ConversationHost>;
  #sweptAt_ms = -Infinity;

  constructor(
    private readonly transfers: readonly T[],
    private readonly host: OnlineAnswersHost<T>,
  ) {
    const { counters } = this;
    this.#hosts = new Map(
      transfers.map((transfer) => [
        transfer,
        {
          answered: (by, first_ms, last_ms) => {
            counters.online_answers_timed += 1;
            host.answered(transfer, by, first_ms, last_ms);
          },
          unanswered: () => void (counters.online_answers_missing += 1),
        },
      ]),
    );
  }

  /** A segment from a client to an online server. @param at_ms when it was captured; all times are of one clock */
  client(view: SegmentView, at_ms: number): void {
    const sought = this.#seek(view.source, view.sourcePort, view.destination, view.destinationPort);
    let connection = this.#connections.get(sought);
    if (view.flags & SYN && connection) {
      connection.end();
      this.#forget();
      connection = undefined;
    }
    connection ??= this.#begin(view, at_ms);
    if (connection?.client(view, at_ms) === 'over') this.#forget();
  }

  /** A segment from an online server to a client. */
  server(view: SegmentView, at_ms: number): void {
    const sought = this.#seek(view.destination, view.destinationPort, view.source, view.sourcePort);
    if (this.#connections.get(sought)?.server(view, at_ms) === 'over') this.#forget();
  }

  /** Nothing more comes of any of them. */
  end(): void {
    for (const [route, connection] of this.#connections.entries()) {
      connection.end();
      this.#connections.delete(route);
    }
    this.#count = 0;
  }

  #seek(clientAddress: Address, clientPort: number, serverAddress: Address, serverPort: number): Route {
    const sought = this.#sought;
    sought.clientAddress = clientAddress;
    sought.clientPort = clientPort;
    sought.serverAddress = serverAddress;
    sought.serverPort = serverPort;
    return sought;
  }

  /** Of the connection that was sought last. @returns undefined where nothing begins, or it is not watched */
  #begin(view: SegmentView, at_ms: number): Conversation | undefined {
    if (!(view.flags & SYN) && view.payloadLength === 0) return undefined;
    const transfer = this.transfers.find((one) =>
      isOnlineServer(one, view.destination, view.destinationPort),
    );
    if (!transfer || this.host.isWatched?.(view.source, view.sourcePort) === false) return undefined;
    this.#sweep(at_ms);
    if (this.#count >= CONNECTIONS_MAX) {
      this.counters.online_connections_not_watched += 1;
      return undefined;
    }
    const connection = new Conversation(view, this.#hosts.get(transfer)!);
    this.#connections.set(this.#sought, connection);
    this.#count += 1;
    return connection;
  }

  #forget(): void {
    this.#connections.delete(this.#sought);
    this.#count -= 1;
  }

  #sweep(now_ms: number): void {
    if (now_ms - this.#sweptAt_ms < SWEEP_EVERY_MS) return;
    this.#sweptAt_ms = now_ms;
    for (const [route, connection] of this.#connections.entries()) {
      if (now_ms - connection.heardAt_ms < SILENCE_MAX_MS) continue;
      connection.end();
      this.#connections.delete(route);
      this.#count -= 1;
    }
  }
}

/** Whether this endpoint is such an online server. */
export const isOnlineServer = (
  { onlineAddress, onlineFamily, onlinePort }: OnlineServer,
  address: Address,
  port: number,
): boolean =>
  onlinePort === port &&
  (onlineAddress === undefined
    ? onlineFamily === undefined || onlineFamily === familyOf(address)
    : onlineAddress === address);

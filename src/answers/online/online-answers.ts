/** How long the online server took: of all its connections that are watched, by the transfer that they belong to. */
import { familyOf, type Address, type Family } from '../../wire/address/address';
import type { Route } from '../../wire/reply';
import type { SegmentView } from '../../wire/segment';
import { SYN } from '../../wire/tcp';
import { ConnectionTable } from '../../wire/tables/connection-table';
import { Conversation, type Evidence } from './conversation';

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
  /** Of each connection the place of its conversation. */
  readonly #places = new ConnectionTable<number>();
  readonly #conversation: Conversation;
  #count = 0;
  /** One for all that share it: what is sought by is no object of its own for each packet. */
  readonly #sought: Sought = { clientAddress: 0, clientPort: 0, serverAddress: 0, serverPort: 0 };
  #sweptAt_ms = -Infinity;

  constructor(
    private readonly transfers: readonly T[],
    private readonly host: OnlineAnswersHost<T>,
  ) {
    const { counters } = this;
    this.#conversation = new Conversation({
      answered: (transfer, by, first_ms, last_ms) => {
        counters.online_answers_timed += 1;
        host.answered(transfers[transfer]!, by, first_ms, last_ms);
      },
      unanswered: () => void (counters.online_answers_missing += 1),
    });
  }

  /** A segment from a client to an online server. @param at_ms when it was captured; all times are of one clock */
  client(view: SegmentView, at_ms: number): void {
    const sought = this.#seek(view.source, view.sourcePort, view.destination, view.destinationPort);
    const conversation = this.#conversation;
    const place = this.#places.get(sought);
    if (place !== undefined) conversation.standFor(place);
    if (place === undefined || view.flags & SYN) {
      if (place !== undefined) this.#end(sought);
      if (!this.#begin(view, at_ms)) return;
    }
    if (conversation.client(view, at_ms) === 'over') this.#forget(sought);
  }

  /** A segment from an online server to a client. */
  server(view: SegmentView, at_ms: number): void {
    const sought = this.#seek(view.destination, view.destinationPort, view.source, view.sourcePort);
    const place = this.#places.get(sought);
    if (place === undefined) return;
    this.#conversation.standFor(place);
    if (this.#conversation.server(view, at_ms) === 'over') this.#forget(sought);
  }

  /** Nothing more comes of any of them. */
  end(): void {
    for (const [route, place] of this.#places.entries()) {
      this.#conversation.standFor(place);
      this.#end(route);
    }
  }

  #seek(clientAddress: Address, clientPort: number, serverAddress: Address, serverPort: number): Route {
    const sought = this.#sought;
    sought.clientAddress = clientAddress;
    sought.clientPort = clientPort;
    sought.serverAddress = serverAddress;
    sought.serverPort = serverPort;
    return sought;
  }

  /** Of the connection that was sought last. @returns false where nothing begins, or it is not watched */
  #begin(view: SegmentView, at_ms: number): boolean {
    if (!(view.flags & SYN) && view.payloadLength === 0) return false;
    const transfer = this.#transferTo(view.destination, view.destinationPort);
    if (transfer < 0 || this.host.isWatched?.(view.source, view.sourcePort) === false) return false;
    this.#sweep(at_ms);
    if (this.#count >= CONNECTIONS_MAX) {
      this.counters.online_connections_not_watched += 1;
      return false;
    }
    this.#places.set(this.#sought, this.#conversation.begin(view, transfer));
    this.#count += 1;
    return true;
  }

  /** @returns its place; below 0 where there is none */
  #transferTo(address: Address, port: number): number {
    for (let place = 0; place < this.transfers.length; place += 1)
      if (isOnlineServer(this.transfers[place]!, address, port)) return place;
    return -1;
  }

  #end(route: Route): void {
    this.#conversation.end();
    this.#forget(route);
  }

  #forget(route: Route): void {
    this.#conversation.close();
    this.#places.delete(route);
    this.#count -= 1;
  }

  #sweep(now_ms: number): void {
    if (now_ms - this.#sweptAt_ms < SWEEP_EVERY_MS) return;
    this.#sweptAt_ms = now_ms;
    for (const [route, place] of this.#places.entries()) {
      this.#conversation.standFor(place);
      if (now_ms - this.#conversation.heardAt_ms >= SILENCE_MAX_MS) this.#end(route);
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

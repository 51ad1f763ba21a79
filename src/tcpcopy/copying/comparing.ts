/**
 * What is told of the connections that are compared: what their clients and the online server said, and what their copies say, each
 * over a connection of its own to the intercept that catches the answers. Where that has no room, whole connections are left out; a
 * copy never waits for it.
 */
import { performance } from 'node:perf_hooks';
import { isOnlineServer } from '../../answers/online/online-answers';
import { SeenBatch, type Seen } from '../../answers/seen/records';
import type { ControlClient } from '../../control/client';
import type { Turns } from '../../kernel/turns';
import type { Log } from '../../process/log';
import type { Copied, Transfer } from '../../session/contract';
import type { Address } from '../../wire/address/address';
import { endpointKey, type EndpointKey } from '../../wire/flow';
import type { Route } from '../../wire/reply';
import { emptySegmentView, viewSegment, type SegmentView } from '../../wire/segment';
import { ConnectionTable } from '../../wire/tables/connection-table';
import { isSampled } from '../../wire/tables/sample';
import { ACK, SYN } from '../../wire/tcp';

/** More that has not left yet, and there is no room. */
const UNSENT_MAX_BYTES = 8 * 1024 * 1024;
/** Clients whose connections are left out; of more it is not remembered. */
const LEFT_OUT_MAX = 100_000;

/** Online servers whose intercepts are known; addresses of IPv6 come again as others. */
const SERVERS_MAX = 100;

/** Ends of a connection, from its client to the online server. */
type Ends = Pick<SegmentView, 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

/** To one intercept. */
interface Link {
  readonly client: ControlClient;
  readonly batch: SeenBatch;
  /** Clients, until they begin anew. */
  readonly leftOut: Set<EndpointKey>;
  /** What it is to be told of these as soon as there is room. */
  readonly untold: Ends[];
}

export interface ComparingOptions {
  /** Of the connections that are copied (src/wire/tables/sample.ts). */
  readonly share: number;
  readonly transfers: readonly Transfer[];
}

/** Of the connection to the intercept of this name. */
interface LinkEvents {
  readonly connected: (name: string) => void;
  readonly lost: (name: string, reason: string) => void;
}

export interface ComparingHost {
  readonly turns: Turns;
  readonly log: Log;
  /** @param events of its life @returns a connection for each intercept, which is to be started */
  connect(events: LinkEvents): ControlClient[];
  /** Our clock less that of the intercept there; NaN where it is not known. */
  clockAhead_ms(name: string): number;
}

export class Comparing {
  readonly counters = { compare_connections: 0, compare_connections_left_out: 0 };
  readonly #links: readonly Link[];
  /** Copies that are compared, with whose they are. */
  readonly #copies = new ConnectionTable<EndpointKey>();
  readonly #routes = new Map<EndpointKey, Route>();
  readonly #view = emptySegmentView();
  readonly #sought = { clientAddress: 0, clientPort: 0, serverAddress: 0, serverPort: 0 };
  #flushPlanned = false;
  readonly #told = new Map<string, string>();
  /** By online server. */
  readonly #known = new Map<EndpointKey, readonly Link[]>();

  constructor(
    private readonly options: ComparingOptions,
    private readonly host: ComparingHost,
  ) {
    const clients = host.connect({
      connected: (name) => this.#connected(name),
      lost: (name, reason) => this.#lost(name, reason),
    });
    this.#links = clients.map((client) => ({
      client,
      batch: new SeenBatch((records) => client.tell(records)),
      leftOut: new Set(),
      untold: [],
    }));
    for (const client of clients) client.start();
  }

  /**
   * From a client to the online server.
   *
   * @param at_ms by `performance.now`
   * @param isCopied whether a connection that begins with it is
   */
  client(view: SegmentView, at_ms: number, isCopied: boolean): void {
    if (!isSampled(view.source, view.sourcePort, this.options.share)) return;
    const key = endpointKey(view.source, view.sourcePort);
    const begins = (view.flags & (SYN | ACK)) === SYN;
    if (begins && isCopied) this.counters.compare_connections += 1;
    for (const link of this.#linksOf(view.destination, view.destinationPort)) {
      if (begins && isCopied) link.leftOut.delete(key);
      else if (begins) remember(link.leftOut, key);
      this.#put(link, key, 'client', view, performance.timeOrigin + at_ms);
    }
  }

  /** From the online server to a client. */
  server(view: SegmentView, at_ms: number): void {
    if (!isSampled(view.destination, view.destinationPort, this.options.share)) return;
    const key = endpointKey(view.destination, view.destinationPort);
    for (const link of this.#linksOf(view.source, view.sourcePort))
      this.#put(link, key, 'server', view, performance.timeOrigin + at_ms);
  }

  /** A copy begins. @returns whether what is answered on this route is compared */
  begins(route: Route, { clientAddress, clientPort, copy }: Copied): boolean {
    if (copy > 0 || !isSampled(clientAddress, clientPort, this.options.share)) return false;
    const key = endpointKey(clientAddress, clientPort);
    this.#copies.set(route, key);
    this.#routes.set(key, route);
    return true;
  }

  isCompared(route: Route): boolean {
    return this.#copies.get(route) !== undefined;
  }

  ends(route: Route): void {
    const key = this.#copies.get(route);
    if (key === undefined) return;
    this.#copies.delete(route);
    if (this.#routes.get(key) === route) this.#routes.delete(key);
  }

  /** What any copy says. @param packet lent */
  copy(packet: Uint8Array, length: number): void {
    const view = this.#view;
    if (viewSegment(view, packet, 0, length, 'whole') !== undefined) return;
    const sought = this.#sought;
    sought.clientAddress = view.source;
    sought.clientPort = view.sourcePort;
    sought.serverAddress = view.destination;
    sought.serverPort = view.destinationPort;
    const key = this.#copies.get(sought);
    if (key === undefined) return;
    const now_ms = performance.now();
    for (const link of this.#links) {
      if (!link.client.guards(sought)) continue;
      const ahead_ms = this.host.clockAhead_ms(link.client.name);
      this.#put(link, key, 'copy', view, now_ms - ahead_ms);
    }
  }

  get links(): readonly ControlClient[] {
    return this.#links.map(({ client }) => client);
  }

  stop(): void {
    this.#flush();
    for (const { client } of this.#links) client.stop();
  }

  #linksOf(address: Address, port: number): readonly Link[] {
    const server = endpointKey(address, port);
    let links = this.#known.get(server);
    if (links) return links;
    links = this.#linksTo(address, port);
    if (this.#known.size >= SERVERS_MAX) this.#known.clear();
    this.#known.set(server, links);
    return links;
  }

  #linksTo(address: Address, port: number): readonly Link[] {
    const of = this.options.transfers.filter((one) => isOnlineServer(one, address, port));
    return this.#links.filter(({ client }) =>
      of.some(({ testAddress, testPort }) =>
        client.guards({ clientAddress: 0, clientPort: 0, serverAddress: testAddress, serverPort: testPort }),
      ),
    );
  }

  #put(link: Link, key: EndpointKey, seen: Seen, view: SegmentView, time_ms: number): void {
    const { client, batch, leftOut, untold } = link;
    const { unsent_bytes } = client;
    if (unsent_bytes === undefined || leftOut.has(key)) return;
    if (unsent_bytes > UNSENT_MAX_BYTES || Number.isNaN(time_ms)) {
      this.#leaveOut(link, key, seen, view);
      return;
    }
    if (untold.length > 0) this.#tellLeftOut(link);
    batch.add(seen, view, time_ms);
    this.#planFlush();
  }

  #leaveOut({ leftOut, untold }: Link, key: EndpointKey, seen: Seen, view: SegmentView): void {
    this.counters.compare_connections_left_out += 1;
    remember(leftOut, key);
    if (untold.length >= LEFT_OUT_MAX) return;
    if (seen !== 'copy') untold.push(seen === 'server' ? turned(view) : endsOf(view));
    const route = this.#routes.get(key);
    if (route)
      untold.push({
        source: route.clientAddress,
        sourcePort: route.clientPort,
        destination: route.serverAddress,
        destinationPort: route.serverPort,
      });
  }

  #tellLeftOut({ batch, untold }: Link): void {
    for (const ends of untold.splice(0)) batch.add('left-out', { ...emptySegmentView(), ...ends }, 0);
  }

  #connected(name: string): void {
    this.#told.delete(name);
    this.host.log.info('comparing', { intercept: name, share_percent: this.options.share / 100 });
    // It knows nothing of what was told before.
    for (const { client, leftOut, untold } of this.#links) {
      if (client.name !== name) continue;
      leftOut.clear();
      untold.length = 0;
    }
  }

  /** Once for each reason: copies go on without it. */
  #lost(name: string, reason: string): void {
    if (this.#told.get(name) === reason) return;
    this.#told.set(name, reason);
    this.host.log.warning('not comparing', {
      intercept: name,
      reason,
      next: 'start intercept with --compare, or tcpcopy without; copies go on, and it is tried again by itself',
    });
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.host.turns.atEnd(() => this.#flush());
  }

  #flush(): void {
    this.#flushPlanned = false;
    for (const { batch, client } of this.#links) {
      batch.flush();
      client.flush();
    }
  }
}

function remember(leftOut: Set<EndpointKey>, key: EndpointKey): void {
  if (leftOut.size >= LEFT_OUT_MAX) leftOut.clear();
  leftOut.add(key);
}

const endsOf = ({ source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  source,
  sourcePort,
  destination,
  destinationPort,
});

const turned = ({ source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
});

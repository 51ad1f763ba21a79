/**
 * Who hears which reply: intercept's table of copied connections. Routes and replies travel on different ways, so a
 * reply can be here before its route: it waits a moment.
 */
import { endpointKey } from '../wire/flow';
import type { Reply, Route } from '../wire/reply';

/** How long a reply waits for its route, and how many may. */
const WAIT_MAX_MS = 1000;
const WAITING_MAX = 4096;
/** Routes that one peer may hold: a table of sessions and what is left of the one before. */
const ROUTES_MAX = 1_000_000;

export interface RouterCounters {
  routes: number;
  replies_routed: number;
  replies_waited: number;
  /** No route came in time, or too many were waiting. */
  replies_unclaimed: number;
  /** Another peer holds the route already. */
  routes_refused: number;
}

interface Waiting {
  readonly reply: Reply;
  readonly until_ms: number;
}

export class Router<Peer> {
  readonly counters: RouterCounters = {
    routes: 0,
    replies_routed: 0,
    replies_waited: 0,
    replies_unclaimed: 0,
    routes_refused: 0,
  };
  /** By the server's endpoint, then the client's. */
  readonly #peers = new Map<number, Map<number, Peer>>();
  #waiting: Waiting[] = [];

  /** @returns the replies that waited for this route, in order; undefined when another peer holds it */
  register(peer: Peer, route: Route): Reply[] | undefined {
    const server = endpointKey(route.serverAddress, route.serverPort);
    const client = endpointKey(route.clientAddress, route.clientPort);
    let table = this.#peers.get(server);
    if (!table) this.#peers.set(server, (table = new Map<number, Peer>()));
    const holder = table.get(client);
    if (holder === undefined && this.counters.routes < ROUTES_MAX) {
      table.set(client, peer);
      this.counters.routes += 1;
    } else if (holder !== peer) {
      this.counters.routes_refused += 1;
      return undefined;
    }
    return this.#claim(server, client);
  }

  /** Only the holder can give up a route. */
  unregister(peer: Peer, route: Route): void {
    const table = this.#peers.get(endpointKey(route.serverAddress, route.serverPort));
    const client = endpointKey(route.clientAddress, route.clientPort);
    if (table?.get(client) !== peer) return;
    table.delete(client);
    this.counters.routes -= 1;
  }

  /** The peer is gone, and all its routes with it. @returns how many there were */
  forget(peer: Peer): number {
    let forgotten = 0;
    for (const table of this.#peers.values()) {
      for (const [client, holder] of table) {
        if (holder !== peer) continue;
        table.delete(client);
        forgotten += 1;
      }
    }
    this.counters.routes -= forgotten;
    return forgotten;
  }

  /** @returns who hears the reply; undefined when it waits, or nobody may claim it any more */
  route(reply: Reply, now_ms: number): Peer | undefined {
    const table = this.#peers.get(endpointKey(reply.serverAddress, reply.serverPort));
    const peer = table?.get(endpointKey(reply.clientAddress, reply.clientPort));
    if (peer !== undefined) {
      this.counters.replies_routed += 1;
      return peer;
    }
    this.expire(now_ms);
    if (this.#waiting.length >= WAITING_MAX) {
      this.counters.replies_unclaimed += 1;
      return undefined;
    }
    this.counters.replies_waited += 1;
    this.#waiting.push({ reply, until_ms: now_ms + WAIT_MAX_MS });
    return undefined;
  }

  /** Forgets replies that have waited too long. */
  expire(now_ms: number): void {
    const alive = this.#waiting.findIndex(({ until_ms }) => until_ms > now_ms);
    const expired = alive < 0 ? this.#waiting.length : alive;
    if (expired === 0) return;
    this.counters.replies_unclaimed += expired;
    this.#waiting = this.#waiting.slice(expired);
  }

  #claim(server: number, client: number): Reply[] {
    if (this.#waiting.length === 0) return [];
    const claimed: Reply[] = [];
    this.#waiting = this.#waiting.filter((waiting) => {
      const { reply } = waiting;
      const mine =
        endpointKey(reply.serverAddress, reply.serverPort) === server &&
        endpointKey(reply.clientAddress, reply.clientPort) === client;
      if (mine) claimed.push(reply);
      return !mine;
    });
    this.counters.replies_routed += claimed.length;
    return claimed;
  }
}

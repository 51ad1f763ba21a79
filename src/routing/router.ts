/**
 * Who hears which reply: intercept's table of copied connections. Routes and replies travel on different ways, so a
 * reply can be here before its route: it waits a moment.
 */
import type { Reply, Route } from '../wire/reply';
import { ConnectionTable } from '../wire/connection-table';
import { EarlyReplies } from './early-replies';

/** Routes that one peer may hold: a full table of sessions, and what is left of the one before. */
const ROUTES_PER_PEER_MAX = 250_000;
/** Routes of all peers. */
const ROUTES_MAX = 1_000_000;

export interface RouterCounters {
  /** At present. */
  routes: number;
  replies_routed: number;
  /** Came before their route; some were routed in the end, the others are among the unclaimed. */
  replies_waited: number;
  /** No route came in time, or too many were waiting. */
  replies_unclaimed: number;
  /** Another peer holds the route already. */
  routes_refused_taken: number;
  /** The peer, or all peers together, hold too many. */
  routes_refused_limit: number;
}

export class Router<Peer> {
  readonly counters: RouterCounters = {
    routes: 0,
    replies_routed: 0,
    replies_waited: 0,
    replies_unclaimed: 0,
    routes_refused_taken: 0,
    routes_refused_limit: 0,
  };
  readonly #holders = new ConnectionTable<Peer>();
  readonly #held = new Map<Peer, number>();
  readonly #early = new EarlyReplies();

  /** @returns the replies that waited for this route, in order; undefined when it is refused, which is counted */
  register(peer: Peer, route: Route): Reply[] | undefined {
    const holder = this.#holders.get(route);
    if (holder === undefined) {
      const held = this.#held.get(peer) ?? 0;
      if (held >= ROUTES_PER_PEER_MAX || this.counters.routes >= ROUTES_MAX) {
        this.counters.routes_refused_limit += 1;
        return undefined;
      }
      this.#holders.set(route, peer);
      this.#held.set(peer, held + 1);
      this.counters.routes += 1;
    } else if (holder !== peer) {
      this.counters.routes_refused_taken += 1;
      return undefined;
    }
    const claimed = this.#early.claim(route);
    this.counters.replies_routed += claimed.length;
    return claimed;
  }

  /** Only the holder can give up a route. */
  unregister(peer: Peer, route: Route): void {
    if (this.#holders.get(route) !== peer) return;
    this.#holders.delete(route);
    this.#held.set(peer, this.#held.get(peer)! - 1);
    this.counters.routes -= 1;
  }

  /** The peer is gone, and all its routes with it. @returns how many there were */
  forget(peer: Peer): number {
    const forgotten = this.#held.get(peer) ? this.#holders.deleteValue(peer) : 0;
    this.#held.delete(peer);
    this.counters.routes -= forgotten;
    return forgotten;
  }

  /** @returns who hears the reply; undefined when it waits for its route */
  route(reply: Reply, now_ms: number): Peer | undefined {
    const peer = this.#holders.get(reply);
    if (peer !== undefined) {
      this.counters.replies_routed += 1;
      return peer;
    }
    this.expire(now_ms);
    this.counters.replies_waited += 1;
    this.counters.replies_unclaimed += this.#early.add(reply, now_ms);
    return undefined;
  }

  /** Forgets replies that have waited too long. */
  expire(now_ms: number): void {
    this.counters.replies_unclaimed += this.#early.expire(now_ms);
  }
}

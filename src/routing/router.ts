/**
 * Who hears which reply: intercept's table of copied connections. Routes and replies travel on different ways, so a
 * reply can be here before its route: it waits a moment. A peer that was lost may come back and take its routes again.
 */
import type { Reply, Route } from '../wire/reply';
import { ConnectionTable } from '../wire/tables/connection-table';
import { ACK, SYN } from '../wire/tcp';
import { EarlyReplies } from './early-replies';

/** Routes that one peer may hold by default: a full table of sessions, and what is left of the one before. */
export const ROUTES_PER_PEER_DEFAULT = 250_000;
/** Routes of all peers. */
export const ROUTES_MAX = 1_000_000;

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

/** What was heard of the test server on a connection. */
export interface Heard {
  /** What it acknowledged last; undefined when it was never heard. */
  acknowledgment: number | undefined;
  /** The number that it began with, and when it said so for the first time; undefined when that was not heard. */
  initial: number | undefined;
  begunAt_ms: number | undefined;
}

/** A connection that nobody copies any more, and what is known of it. */
export interface Orphan extends Readonly<Heard> {
  readonly route: Route;
}

interface Held<Peer> extends Heard {
  peer: Peer;
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
  readonly #routes = new ConnectionTable<Held<Peer>>();
  /** How many each peer holds. */
  readonly #counts = new Map<Peer, number>();
  /** Whose connection was lost. */
  readonly #departed = new Set<Peer>();
  readonly #early = new EarlyReplies();

  /**
   * @param isOrphans whether a reply that nobody holds a route for is taken elsewhere, and does not wait for one
   * @param perPeer_max routes that one peer may hold
   */
  constructor(
    private readonly isOrphans: (reply: Reply, now_ms: number) => boolean = () => false,
    private readonly perPeer_max = ROUTES_PER_PEER_DEFAULT,
  ) {}

  /** @returns the replies that waited for this route, in order; undefined when it is refused, which is counted */
  register(peer: Peer, route: Route): Reply[] | undefined {
    const held = this.#routes.get(route);
    if (held === undefined || (held.peer !== peer && this.#departed.has(held.peer))) {
      if (!this.#hasRoom(peer)) {
        this.counters.routes_refused_limit += 1;
        return undefined;
      }
      if (held) this.#release(route, held);
      this.#routes.set(route, {
        peer,
        acknowledgment: held?.acknowledgment,
        initial: held?.initial,
        begunAt_ms: held?.begunAt_ms,
      });
      this.#counts.set(peer, (this.#counts.get(peer) ?? 0) + 1);
      this.counters.routes += 1;
    } else if (held.peer !== peer) {
      this.counters.routes_refused_taken += 1;
      return undefined;
    }
    const claimed = this.#early.claim(route);
    this.counters.replies_routed += claimed.length;
    return claimed;
  }

  /** Only the holder can give up a route. @returns what was held, undefined when it was not */
  unregister(peer: Peer, route: Route): Orphan | undefined {
    const held = this.#routes.get(route);
    if (held?.peer !== peer) return undefined;
    this.#release(route, held);
    return orphanOf(route, held);
  }

  /** The peer's connection was lost: its replies wait, and whoever registers its routes takes them over. */
  depart(peer: Peer): void {
    this.#departed.add(peer);
  }

  /** The peer is gone for good. @returns what it still held */
  forget(peer: Peer): Orphan[] {
    this.#departed.delete(peer);
    if (!this.#counts.get(peer)) return [];
    const orphans: Orphan[] = [];
    for (const [route, held] of this.#routes.entries()) {
      if (held.peer !== peer) continue;
      this.#release(route, held);
      orphans.push(orphanOf(route, held));
    }
    this.#counts.delete(peer);
    return orphans;
  }

  isHeldBy(peer: Peer, route: Route): boolean {
    return this.#routes.get(route)?.peer === peer;
  }

  isHeld(route: Route): boolean {
    return this.#routes.get(route) !== undefined;
  }

  /** @returns who hears the reply; undefined when it waits for its route, or is taken elsewhere */
  route(reply: Reply, now_ms: number): Peer | undefined {
    const held = this.#routes.get(reply);
    if (held !== undefined) {
      hear(held, reply, now_ms);
      if (!this.#departed.has(held.peer)) {
        this.counters.replies_routed += 1;
        return held.peer;
      }
    } else if (this.isOrphans(reply, now_ms)) return undefined;
    this.expire(now_ms);
    this.counters.replies_waited += 1;
    this.#giveUp(this.#early.add(reply, now_ms));
    return undefined;
  }

  /** Forgets replies that have waited too long. */
  expire(now_ms: number): void {
    this.#giveUp(this.#early.expire(now_ms));
  }

  #hasRoom(peer: Peer): boolean {
    return (this.#counts.get(peer) ?? 0) < this.perPeer_max && this.counters.routes < ROUTES_MAX;
  }

  #release(route: Route, { peer }: Held<Peer>): void {
    this.#routes.delete(route);
    this.#counts.set(peer, this.#counts.get(peer)! - 1);
    this.counters.routes -= 1;
  }

  #giveUp(replies: readonly Reply[]): void {
    this.counters.replies_unclaimed += replies.length;
  }
}

const orphanOf = (route: Route, { acknowledgment, initial, begunAt_ms }: Heard): Orphan => ({
  route,
  acknowledgment,
  initial,
  begunAt_ms,
});

function hear(held: Heard, { flags, sequence, acknowledgment }: Reply, now_ms: number): void {
  if (!(flags & ACK)) return;
  held.acknowledgment = acknowledgment;
  if (!(flags & SYN) || sequence === held.initial) return;
  held.initial = sequence;
  held.begunAt_ms = now_ms;
}

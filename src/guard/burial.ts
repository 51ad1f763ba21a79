/**
 * Orphans, connections on the test server whose copy is gone, are reset as the missing client's own TCP would do it: with
 * the number that the test server expects next, or else it takes no notice (RFC 5961, section 3.2). A segment from outside
 * its window makes it tell that number, and one to a connection that is gone is answered with a reset: so each attempt is
 * both, a reset with what is known and a question.
 *
 * A connection that nobody has registered is not an orphan yet: its route may be under way, or lost with a control
 * channel whose tcpcopy lives. It is watched for as long as a tcpcopy may take to come back. So is an orphan that turns
 * out to expect another number: somebody has spoken to it since. No clock and no socket of its own.
 */
import { ConnectionTable } from '../wire/tables/connection-table';
import { endpointKey, type EndpointKey } from '../wire/flow';
import type { Reply, Route } from '../wire/reply';
import { seqAdd } from '../wire/sequence';
import { ACK, RST, SYN } from '../wire/tcp';
import { bareSegment, TTL_DEFAULT } from './bare-segment';
import { SUSPENDED_MAX_MS } from './watch';

/**
 * Who has not registered a connection by then does not copy it any more: longer than a tcpcopy keeps its copies without
 * intercept, by what both may differ in when they take their channel for lost (a heartbeat, and a look at it).
 */
export const COMEBACK_MAX_MS = SUSPENDED_MAX_MS + 1000;
/** Linux answers such questions once in 500 ms for each connection (net.ipv4.tcp_invalid_ratelimit). */
const RETRY_MS = 600;
const ATTEMPTS_MAX = 16;
/** Of one that was never heard, and whose answers may come to another worker. */
const UNHEARD_ATTEMPTS_MAX = 3;
/** Attempts in one turn; others wait for the next. */
const ATTEMPTS_PER_TURN = 500;
const GRAVES_MAX = 250_000;

export interface BurialCounters {
  /** In the end each of them is one of the next four. */
  orphans_found: number;
  /** Reset, or found to be gone. */
  orphans_buried: number;
  /** Nobody answered for them. */
  orphans_unanswered: number;
  /** Never heard here, while other workers may have heard them: they see to them. */
  orphans_elsewhere: number;
  /** Copied after all, or again. */
  orphans_taken_over: number;
  /** There were too many. */
  orphans_refused_limit: number;
}

export interface BurialHost {
  /** Injects an IP packet. */
  send(packet: Uint8Array, destination: number): void;
  /** A number of 32 bits. */
  random(): number;
}

/** What is known of a connection that nobody copies. */
export interface Orphan {
  readonly route: Route;
  /** What the test server expects next; undefined when it was never heard. */
  readonly expected: number | undefined;
  /** The number that it began with, and when it said so. */
  readonly initial?: number | undefined;
  readonly begunAt_ms?: number | undefined;
}

interface Grave {
  readonly route: Route;
  /** What the test server expects next, as far as it is known. */
  expected: number | undefined;
  /** The number that the test server began with, as far as it is known: tells a connection from the next on its ports. */
  initial: number | undefined;
  /** Counted as an orphan. */
  isFound: boolean;
  /** Since the test server was last known to have something new to say. */
  attempts: number;
  due_ms: number;
  queue: Set<Grave>;
}

export class Burial {
  readonly counters: BurialCounters = {
    orphans_found: 0,
    orphans_buried: 0,
    orphans_unanswered: 0,
    orphans_elsewhere: 0,
    orphans_taken_over: 0,
    orphans_refused_limit: 0,
  };
  // Each in the order of its time.
  /** Perhaps somebody copies them. */
  readonly #watched = new Set<Grave>();
  /** Not asked yet: they do not wait for those that were, and may not answer. */
  readonly #fresh = new Set<Grave>();
  readonly #asked = new Set<Grave>();
  readonly #byRoute = new ConnectionTable<Grave>();
  /** How many there are of each server. */
  readonly #servers = new Map<EndpointKey, number>();
  #found = 0;
  #patience_ms = COMEBACK_MAX_MS;

  /** @param isOneOfMany answers come to one of several workers each, and nobody can say to which before it has heard one */
  constructor(
    private readonly host: BurialHost,
    private readonly isOneOfMany = false,
  ) {}

  /** Orphans that are not known to be gone. */
  get size(): number {
    return this.#found;
  }

  /** Of all that are buried, or watched. */
  routes(): Route[] {
    return [...this.#watched, ...this.#fresh, ...this.#asked].map(({ route }) => route);
  }

  /** Where they are. */
  servers(): Iterable<EndpointKey> {
    return this.#servers.keys();
  }

  /** Nobody copies it any more; one that has begun a moment ago may be the next copy's, whose route is under way. */
  bury({ route, expected, initial, begunAt_ms = -Infinity }: Orphan, now_ms: number): void {
    const grave = this.#byRoute.get(route) ?? this.#dig(route, now_ms);
    if (!grave) return;
    // What it said itself in the meantime is newer.
    grave.expected ??= expected;
    grave.initial ??= initial;
    if (begunAt_ms > now_ms - this.#patience_ms || grave.queue !== this.#watched) return;
    this.#move(grave, this.#fresh, now_ms);
  }

  /** A connection that nobody has registered has spoken. @returns whether it is an orphan, so that nobody waits to hear it */
  replied(reply: Reply, now_ms: number): boolean {
    const known = this.#byRoute.get(reply);
    if (reply.flags & RST) return known !== undefined && this.#hasReset(known, reply);
    if (!(reply.flags & ACK)) return known?.isFound ?? false;
    const grave = known ?? this.#dig(reply, now_ms);
    if (!grave) return false;
    const isNews =
      reply.flags & SYN ? reply.sequence !== grave.initial : reply.acknowledgment !== grave.expected;
    if (reply.flags & SYN) grave.initial = reply.sequence;
    grave.expected = reply.acknowledgment;
    if (isNews && grave.queue !== this.#watched) this.#watch(grave, now_ms);
    return grave.queue !== this.#watched;
  }

  /** Somebody copies this connection. */
  takenOver(route: Route): void {
    const grave = this.#byRoute.get(route);
    if (grave) this.#remove(grave, 'orphans_taken_over');
  }

  /** It is known by other means that the connection is gone. */
  gone(route: Route): void {
    const grave = this.#byRoute.get(route);
    if (grave) this.#remove(grave, 'orphans_buried');
  }

  /** Nobody copies anything any more: there is nobody to be waited for. */
  hurry(now_ms: number): void {
    this.#patience_ms = 0;
    for (const grave of [...this.#watched]) this.#move(grave, this.#fresh, now_ms);
  }

  /** @param mayAsk whether all that the test server may answer is caught at this moment: nothing is sent otherwise */
  tick(now_ms: number, mayAsk: (route: Route) => boolean): void {
    for (const grave of this.#watched) {
      if (grave.due_ms > now_ms) break;
      this.#move(grave, this.#fresh, now_ms);
    }
    let attempts = 0;
    for (const queue of [this.#fresh, this.#asked])
      for (const grave of queue) {
        if (attempts >= ATTEMPTS_PER_TURN || grave.due_ms > now_ms) break;
        if (!mayAsk(grave.route)) continue;
        attempts += 1;
        this.#attempt(grave, now_ms);
      }
  }

  #dig({ clientAddress, clientPort, serverAddress, serverPort }: Route, now_ms: number): Grave | undefined {
    if (this.#watched.size + this.#fresh.size + this.#asked.size >= GRAVES_MAX) {
      this.counters.orphans_refused_limit += 1;
      return undefined;
    }
    const route = { clientAddress, clientPort, serverAddress, serverPort };
    const grave: Grave = {
      route,
      expected: undefined,
      initial: undefined,
      isFound: false,
      attempts: 0,
      due_ms: now_ms,
      queue: this.#watched,
    };
    this.#watch(grave, now_ms);
    this.#byRoute.set(route, grave);
    const server = endpointKey(serverAddress, serverPort);
    this.#servers.set(server, (this.#servers.get(server) ?? 0) + 1);
    return grave;
  }

  /** @returns whether the reset was for us */
  #hasReset(grave: Grave, { flags }: Reply): boolean {
    const { isFound } = grave;
    this.#remove(grave, 'orphans_buried');
    // A reset that acknowledges answers a SYN (RFC 9293, section 3.10.7.1), which is none of ours.
    return isFound && !(flags & ACK);
  }

  #attempt(grave: Grave, now_ms: number): void {
    const { route, expected } = grave;
    const isElsewhere = this.isOneOfMany && expected === undefined;
    if (grave.attempts >= (isElsewhere ? UNHEARD_ATTEMPTS_MAX : ATTEMPTS_MAX)) {
      this.#remove(grave, isElsewhere ? 'orphans_elsewhere' : 'orphans_unanswered');
      return;
    }
    grave.attempts += 1;
    this.#move(grave, this.#asked, now_ms + RETRY_MS);
    const client = { address: route.clientAddress, port: route.clientPort };
    const server = { address: route.serverAddress, port: route.serverPort };
    const said = { from: client, to: server, acknowledgment: 0, ttl: TTL_DEFAULT };
    if (expected !== undefined)
      this.host.send(bareSegment({ ...said, sequence: expected, flags: RST }), server.address);
    const outside = expected === undefined ? this.host.random() : seqAdd(expected, -1);
    this.host.send(bareSegment({ ...said, sequence: outside, flags: ACK }), server.address);
  }

  #watch(grave: Grave, now_ms: number): void {
    grave.attempts = 0;
    if (this.#patience_ms > 0) this.#move(grave, this.#watched, now_ms + this.#patience_ms);
    else this.#move(grave, this.#fresh, now_ms);
  }

  #move(grave: Grave, queue: Set<Grave>, due_ms: number): void {
    grave.queue.delete(grave);
    grave.due_ms = due_ms;
    grave.queue = queue;
    queue.add(grave);
    if (queue === this.#watched || grave.isFound) return;
    grave.isFound = true;
    this.#found += 1;
    this.counters.orphans_found += 1;
  }

  #remove(grave: Grave, how: Exclude<keyof BurialCounters, 'orphans_found' | 'orphans_refused_limit'>): void {
    if (grave.isFound) {
      this.#found -= 1;
      this.counters[how] += 1;
    }
    grave.queue.delete(grave);
    this.#byRoute.delete(grave.route);
    const server = endpointKey(grave.route.serverAddress, grave.route.serverPort);
    const left = this.#servers.get(server)! - 1;
    if (left > 0) this.#servers.set(server, left);
    else this.#servers.delete(server);
  }
}

/**
 * Orphans, connections on the test server whose copy is gone, are reset as the missing client's own TCP would do it: with
 * the number that the test server expects next, or else it takes no notice (RFC 5961, section 3.2). A segment from outside
 * its window makes it tell that number, and one to a connection that is gone is answered with a reset: so each attempt is
 * both, a reset with what is known and a question. No clock and no socket of its own.
 */
import { ConnectionTable } from '../wire/connection-table';
import type { Reply, Route } from '../wire/reply';
import { seqAdd } from '../wire/sequence';
import { ACK, RST } from '../wire/tcp';
import { bareSegment, TTL_DEFAULT } from './bare-segment';

/** Linux answers such questions once in 500 ms for each connection (net.ipv4.tcp_invalid_ratelimit). */
const RETRY_MS = 600;
const ATTEMPTS_MAX = 16;
/** Attempts in one turn; others wait for the next. */
const ATTEMPTS_PER_TURN = 500;
const GRAVES_MAX = 250_000;

export interface BurialCounters {
  /** Reset, or found to be gone. */
  orphans_buried: number;
  /** Nobody answered for them. */
  orphans_unanswered: number;
}

export interface BurialHost {
  /** Injects an IPv4 packet. */
  send(packet: Uint8Array, destination: number): void;
  /** Its connection is copied after all. */
  isCopied(route: Route): boolean;
  /** A number of 32 bits. */
  random(): number;
}

interface Grave {
  readonly route: Route;
  /** What the test server expects next, as far as it is known. */
  expected: number | undefined;
  attempts: number;
  due_ms: number;
}

export class Burial {
  readonly counters: BurialCounters = { orphans_buried: 0, orphans_unanswered: 0 };
  /** In the order of their time. */
  readonly #graves = new Set<Grave>();
  readonly #byRoute = new ConnectionTable<Grave>();

  constructor(private readonly host: BurialHost) {}

  /** Orphans that are not known to be gone. */
  get size(): number {
    return this.#graves.size;
  }

  routes(): Route[] {
    return [...this.#graves].map(({ route }) => route);
  }

  /** @param expected what the test server expects next; undefined when it was never heard */
  bury({ clientAddress, clientPort, serverAddress, serverPort }: Route, expected: number | undefined): void {
    const route = { clientAddress, clientPort, serverAddress, serverPort };
    const known = this.#byRoute.get(route);
    if (known) known.expected = expected ?? known.expected;
    if (known || this.#graves.size >= GRAVES_MAX) return;
    const grave: Grave = { route, expected, attempts: 0, due_ms: -Infinity };
    this.#graves.add(grave);
    this.#byRoute.set(route, grave);
  }

  /** @returns whether it came from an orphan, and is nobody else's */
  replied(reply: Reply, now_ms: number): boolean {
    const grave = this.#byRoute.get(reply);
    if (!grave || this.#isWanted(grave)) return false;
    if (reply.flags & RST) this.#over(grave, 'orphans_buried');
    else if (reply.flags & ACK) {
      grave.expected = reply.acknowledgment;
      // It answered to a question: what it asks for goes out at once.
      if (grave.attempts > 0) this.#attempt(grave, now_ms);
    }
    return true;
  }

  /** It is known by other means that the connection is gone. */
  gone(route: Route): void {
    const grave = this.#byRoute.get(route);
    if (grave) this.#over(grave, 'orphans_buried');
  }

  /** @param mayAsk whether all that the test server may answer is caught at this moment */
  tick(now_ms: number, mayAsk: (route: Route) => boolean): void {
    let attempts = 0;
    for (const grave of this.#graves) {
      if (attempts >= ATTEMPTS_PER_TURN || grave.due_ms > now_ms) return;
      if (this.#isWanted(grave) || !mayAsk(grave.route)) continue;
      attempts += 1;
      this.#attempt(grave, now_ms);
    }
  }

  #isWanted(grave: Grave): boolean {
    if (!this.host.isCopied(grave.route)) return false;
    this.#remove(grave);
    return true;
  }

  #attempt(grave: Grave, now_ms: number): void {
    const { route, expected } = grave;
    if (grave.attempts >= ATTEMPTS_MAX) {
      this.#over(grave, 'orphans_unanswered');
      return;
    }
    grave.attempts += 1;
    grave.due_ms = now_ms + RETRY_MS;
    this.#graves.delete(grave);
    this.#graves.add(grave);
    const client = { address: route.clientAddress, port: route.clientPort };
    const server = { address: route.serverAddress, port: route.serverPort };
    const said = { from: client, to: server, acknowledgment: 0, ttl: TTL_DEFAULT };
    if (expected !== undefined)
      this.host.send(bareSegment({ ...said, sequence: expected, flags: RST }), server.address);
    const outside = expected === undefined ? this.host.random() : seqAdd(expected, -1);
    this.host.send(bareSegment({ ...said, sequence: outside, flags: ACK }), server.address);
  }

  #over(grave: Grave, how: keyof BurialCounters): void {
    this.counters[how] += 1;
    this.#remove(grave);
  }

  #remove(grave: Grave): void {
    this.#graves.delete(grave);
    this.#byRoute.delete(grave.route);
  }
}

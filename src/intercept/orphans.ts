/**
 * Who copies which connection on the test server, and what becomes of those that nobody copies any more: they are buried
 * under the guard. No clock and no socket of its own.
 */
import { Burial, COMEBACK_MAX_MS } from '../guard/burial';
import { Router, type Orphan, type RouterCounters } from '../routing/router';
import { holdAddress } from '../wire/address/address';
import type { LettingThrough } from '../passlist/passlist';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import type { Lent, Reply, Route } from '../wire/reply';

/** A tcpcopy, as far as it matters here. */
export interface Copying {
  /** Of the test servers that it copies to. */
  readonly endpoints: readonly Endpoint[];
}

export interface OrphansHost<Peer> {
  /** Injects a packet. */
  send(packet: Uint8Array, destination: number): void;
  /** A number of 32 bits. */
  random(): number;
  /** It did not come back in time, and still held so many routes. */
  gone(peer: Peer, routes: number): void;
}

export class Orphans<Peer extends Copying> {
  readonly #router: Router<Peer>;
  readonly #burial: Burial;
  /** Endpoints that were ever copied to: all others are no business of ours. */
  readonly #copied = new Map<EndpointKey, Endpoint>();
  /** Whose connection was lost, and until when they may come back. */
  readonly #departed = new Map<Peer, number>();

  /**
   * @param passlist whom responses are let through to: nobody there is a copy
   * @param perPeer_max connections that one peer may register
   * @param isOneOfMany responses come to one of several workers each (`Burial`)
   */
  constructor(
    private readonly host: OrphansHost<Peer>,
    private readonly passlist: LettingThrough,
    perPeer_max?: number,
    isOneOfMany = false,
  ) {
    this.#burial = new Burial(host, isOneOfMany);
    this.#router = new Router<Peer>(
      (reply, now_ms) => this.#isOurs(reply) && this.#burial.replied(reply, now_ms),
      perPeer_max,
    );
  }

  get counters(): Readonly<RouterCounters> & Readonly<Record<string, number>> {
    return { ...this.#router.counters, ...this.#burial.counters };
  }

  /** Connections that are being buried. */
  get size(): number {
    return this.#burial.size;
  }

  /** Connections whose burial was given up so far, because nobody answered. */
  get unanswered(): number {
    return this.#burial.counters.orphans_unanswered;
  }

  /** Connections that somebody copies, or is expected back to. */
  get routes(): number {
    return this.#router.counters.routes;
  }

  get copied(): readonly Endpoint[] {
    return [...this.#copied.values()];
  }

  /** Where somebody is buried, or may be soon. */
  endpoints(): readonly Endpoint[] {
    const at = [...this.#burial.servers()].map((key) => this.#copied.get(key)!);
    return [...at, ...[...this.#departed.keys()].flatMap(({ endpoints }) => endpoints)];
  }

  joined({ endpoints }: Peer): void {
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint.address, endpoint.port);
      if (!this.#copied.has(key)) holdAddress(endpoint.address);
      this.#copied.set(key, endpoint);
    }
  }

  /** @returns the replies that waited for this route, in order; undefined when it is refused */
  register(peer: Peer, route: Route): Reply[] | undefined {
    const waited = this.#router.register(peer, route);
    if (waited) this.#burial.takenOver(route);
    return waited;
  }

  isHeldBy(peer: Peer, route: Route): boolean {
    return this.#router.isHeldBy(peer, route);
  }

  unregister(peer: Peer, route: Route): void {
    this.#router.unregister(peer, route);
  }

  /** Its connection was lost. */
  departed(peer: Peer, now_ms: number): void {
    this.#router.depart(peer);
    this.#departed.set(peer, now_ms + COMEBACK_MAX_MS);
  }

  abandoned(peer: Peer, routes: Lent<Route>, now_ms: number): void {
    for (let index = 0; index < routes.length; index += 1) {
      const route = routes.at(index)!;
      const orphan = this.#router.unregister(peer, route);
      if (orphan) this.#bury(orphan, now_ms);
    }
  }

  /** @returns who hears the reply, if anybody does at present */
  replied(reply: Reply, now_ms: number): Peer | undefined {
    return this.#router.route(reply, now_ms);
  }

  /** To be called when the guard was just proven. @param isProven of which endpoints it was */
  tick(now_ms: number, isProven: (copied: Endpoint) => boolean): void {
    this.#router.expire(now_ms);
    for (const [peer, until_ms] of this.#departed)
      if (until_ms <= now_ms) this.host.gone(peer, this.#forget(peer, now_ms));
    this.#burial.tick(now_ms, ({ serverAddress, serverPort }) =>
      isProven({ address: serverAddress, port: serverPort }),
    );
  }

  /** Nobody copies any more, or comes back to it. @param peers those that are still connected */
  forgetAll(peers: Iterable<Peer>, now_ms: number): void {
    this.#burial.hurry(now_ms);
    for (const peer of [...peers, ...this.#departed.keys()]) this.#forget(peer, now_ms);
  }

  /** @param connections all that are left on the test server; undefined when it cannot be seen */
  reconcile(connections: readonly Route[] | undefined, now_ms: number): void {
    if (!connections) return;
    const left = new Set(connections.map(textOf));
    for (const route of this.#burial.routes()) if (!left.has(textOf(route))) this.#burial.gone(route);
    for (const route of connections)
      if (!this.#router.isHeld(route)) this.#bury({ route, ...NEVER_HEARD }, now_ms);
  }

  #forget(peer: Peer, now_ms: number): number {
    this.#departed.delete(peer);
    const orphans = this.#router.forget(peer);
    for (const orphan of orphans) this.#bury(orphan, now_ms);
    return orphans.length;
  }

  #bury({ route, acknowledgment: expected, initial, begunAt_ms }: Orphan, now_ms: number): void {
    if (this.#isOurs(route)) this.#burial.bury({ route, expected, initial, begunAt_ms }, now_ms);
  }

  /** It can be a copy: others have connections on the test server as well. */
  #isOurs({ clientAddress, clientPort, serverAddress, serverPort }: Route): boolean {
    return (
      this.#copied.has(endpointKey(serverAddress, serverPort)) &&
      !this.passlist.passes(clientAddress, clientPort)
    );
  }
}

const NEVER_HEARD = { acknowledgment: undefined, initial: undefined, begunAt_ms: undefined };

const textOf = ({ clientAddress, clientPort, serverAddress, serverPort }: Route): string =>
  `${clientAddress}:${clientPort} ${serverAddress}:${serverPort}`;

/** Connections on the test server whose tcpcopy is gone: who they are, and their burial under the guard. */
import type { Peer } from '../control/server';
import { Burial } from '../guard/burial';
import type { Backend } from '../kernel/backend';
import { Router, type Orphan } from '../routing/router';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import type { Reply, Route } from '../wire/reply';
import { ACK, RST } from '../wire/tcp';
import { PacketSender } from './packet-sender';
import { randomWord } from './random';

/** A tcpcopy that was lost may come back by then and go on. */
const GRACE_MS = 2000;

export class Orphans {
  readonly router: Router<Peer>;
  readonly #burial: Burial;
  readonly #sender: PacketSender;
  /** Endpoints that were ever copied to: all others are no business of ours. */
  readonly #copied = new Map<EndpointKey, Endpoint>();
  readonly #departed = new Map<Peer, NodeJS.Timeout>();

  /** @param backend that what buries them is sent by */
  constructor(backend: Backend) {
    this.#sender = new PacketSender(backend);
    this.router = new Router((reply) => this.#unclaimed(reply));
    this.#burial = new Burial({
      send: (packet, destination) => void this.#sender.send(packet, destination),
      isCopied: (route) => this.router.isHeld(route),
      random: randomWord,
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#burial.counters };
  }

  get size(): number {
    return this.#burial.size;
  }

  get copied(): readonly Endpoint[] {
    return [...this.#copied.values()];
  }

  /** Where somebody is buried at present. */
  endpoints(): readonly Endpoint[] {
    if (this.#burial.size === 0) return [];
    const at = new Map(this.#burial.routes().map((route) => [keyOf(route), this.#copied.get(keyOf(route))!]));
    return [...at.values()];
  }

  joined({ endpoints }: Peer): void {
    for (const endpoint of endpoints)
      this.#copied.set(endpointKey(endpoint.address, endpoint.port), endpoint);
  }

  /** @param gone told how many routes it still held when it did not come back in time */
  departed(peer: Peer, gone: (routes: number) => void): void {
    this.router.depart(peer);
    this.#departed.set(
      peer,
      setTimeout(() => gone(this.#forget(peer)), GRACE_MS),
    );
  }

  abandoned(peer: Peer, routes: readonly Route[]): void {
    for (const route of routes) {
      const orphan = this.router.unregister(peer, route);
      if (orphan) this.#bury(orphan);
    }
  }

  /** Nobody comes back any more. @param peers those that are still connected */
  forgetAll(peers: readonly Peer[]): void {
    for (const peer of [...peers, ...this.#departed.keys()]) this.#forget(peer);
  }

  /** @param connections all that are left on the test server; undefined when it cannot be seen */
  reconcile(connections: readonly Route[] | undefined): void {
    if (!connections) return;
    const left = new Set(connections.map(textOf));
    for (const route of this.#burial.routes()) if (!left.has(textOf(route))) this.#burial.gone(route);
    for (const route of connections)
      if (!this.router.isHeld(route)) this.#bury({ route, acknowledgment: undefined });
  }

  /** @returns whether the reply came from an orphan */
  replied(reply: Reply, now_ms: number): boolean {
    return this.#burial.size > 0 && this.#burial.replied(reply, now_ms);
  }

  tick(now_ms: number, isProven: (copied: Endpoint) => boolean): void {
    this.router.expire(now_ms);
    this.#burial.tick(now_ms, ({ serverAddress, serverPort }) =>
      isProven({ address: serverAddress, port: serverPort }),
    );
  }

  close(): void {
    for (const timer of this.#departed.values()) clearTimeout(timer);
    this.#sender.close();
  }

  #forget(peer: Peer): number {
    clearTimeout(this.#departed.get(peer));
    this.#departed.delete(peer);
    const orphans = this.router.forget(peer);
    for (const orphan of orphans) this.#bury(orphan);
    return orphans.length;
  }

  #unclaimed(reply: Reply): void {
    if (reply.flags & RST || !(reply.flags & ACK)) return;
    this.#bury({ route: reply, acknowledgment: reply.acknowledgment });
  }

  #bury({ route, acknowledgment }: Orphan): void {
    if (this.#copied.has(keyOf(route))) this.#burial.bury(route, acknowledgment);
  }
}

const keyOf = ({ serverAddress, serverPort }: Route): EndpointKey => endpointKey(serverAddress, serverPort);

const textOf = ({ clientAddress, clientPort, serverAddress, serverPort }: Route): string =>
  `${clientAddress}:${clientPort} ${serverAddress}:${serverPort}`;

/** intercept's end of the control channel: listens, greets, and keeps its peers apart. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { nodeTurns, type Turns } from '../kernel/turns';
import { Passlist, type PasslistEntries } from '../passlist/passlist';
import type { Endpoint } from '../wire/flow';
import type { Guard } from '../wire/guard';
import type { Reply, Route } from '../wire/reply';
import { Connection, type ConnectionEvents } from './connection';
import { PROTOCOL_VERSION, type Message } from './messages';

const GREETING_MAX_MS = 2000;
const PEERS_MAX = 64;
/** Connections that may be without a greeting at once; then the oldest of them has to go. */
const STRANGERS_MAX = 64;

type Hello = Message & { readonly kind: 'hello' };

/** A tcpcopy that has greeted. */
export interface Peer {
  readonly name: string;
  /** Chosen by each run: a peer with the same one is the same tcpcopy, connected again. */
  readonly instance: bigint;
  /** Of the test servers that it copies to. */
  readonly endpoints: readonly Endpoint[];
  /**
   * To be said again and again: a peer that does not hear it does not rely on the guard.
   *
   * @param at_ms when it stood so, by the clock of `performance.now`
   */
  tellGuard(guard: Guard, at_ms: number): void;
  sendReply(reply: Reply): void;
  /** Their replies will not come. */
  refuseRoutes(routes: readonly Route[]): void;
}

export interface ServerEvents {
  connected(peer: Peer): void;
  registered(peer: Peer, routes: readonly Route[]): void;
  unregistered(peer: Peer, routes: readonly Route[]): void;
  /** Something is about to be sent: the guard is to be proven now, and again and again for a second. */
  asked(peer: Peer): void;
  /** Their copies ended, and the test server may still hold them. */
  abandoned(peer: Peer, routes: readonly Route[]): void;
  disconnected(peer: Peer, reason: string): void;
  /** Somebody connected and was turned away. */
  refused(name: string, reason: string): void;
}

export class ControlServer {
  readonly #server: Server;
  /** Connections that have not greeted, oldest first. */
  readonly #strangers = new Set<Connection>();
  /** By the instance that greeted. */
  readonly #peers = new Map<bigint, Connection>();
  readonly #instance = randomBytes(8).readBigUInt64BE();

  /** @param passlist what responses are let through to */
  constructor(
    private readonly events: ServerEvents,
    private readonly passlist: PasslistEntries = new Passlist(),
    private readonly turns: Turns = nodeTurns,
  ) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @param address undefined listens on every address @throws the system's error, for example EADDRINUSE */
  listen(port: number, address: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(address !== undefined && { host: address }) }, () => {
        this.#server.off('error', reject);
        // Such as EMFILE: who could not be accepted tries again.
        this.#server.on('error', (error) => this.events.refused('?', error.message));
        resolve();
      });
    });
  }

  /** The port that is listened on, once it is. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#strangers, ...this.#peers.values()])
      connection.refuse('intercept is stopping');
    return closed;
  }

  #accept(socket: Socket): void {
    // A socket of both families has IPv4 addresses mapped (RFC 4291, section 2.5.5.2).
    const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '');
    const name = `${address ?? '?'}:${socket.remotePort ?? 0}`;
    let peer: Peer | undefined;
    const connectionEvents: ConnectionEvents = {
      message: (message) => {
        if (peer) this.#message(connection, peer, message);
        else if (message.kind === 'hello') {
          clearTimeout(deadline);
          peer = this.#greet(connection, name, message);
        } else if (message.kind !== 'heartbeat')
          connection.refuse(`expected a greeting, got ${message.kind}`);
      },
      closed: (reason) => {
        clearTimeout(deadline);
        this.#strangers.delete(connection);
        for (const [instance, other] of this.#peers) {
          if (other === connection) this.#peers.delete(instance);
        }
        if (peer) this.events.disconnected(peer, reason);
        else this.events.refused(name, reason);
      },
    };
    const connection: Connection = new Connection(socket, connectionEvents, this.turns);
    socket.on('data', (chunk) => connection.receive(chunk));
    const deadline = setTimeout(() => connection.refuse('no greeting came in time'), GREETING_MAX_MS);
    if (this.#strangers.size >= STRANGERS_MAX) {
      const [oldest] = this.#strangers;
      oldest?.refuse('too many connections without a greeting');
    }
    this.#strangers.add(connection);
  }

  #greet(connection: Connection, name: string, { version, instance, endpoints }: Hello): Peer | undefined {
    const refusal = this.#refusalOf(version, instance);
    if (refusal !== undefined) {
      connection.refuse(refusal);
      return undefined;
    }
    // Its old connection is dead, even if nobody here knows yet; its routes are free for the new one.
    this.#peers.get(instance)?.close('the same tcpcopy has connected again');
    this.#strangers.delete(connection);
    this.#peers.set(instance, connection);
    const peer: Peer = {
      name,
      instance,
      endpoints,
      tellGuard: (guard, at_ms) => {
        connection.send({ kind: 'guard', clock_ms: at_ms, ...guard });
        connection.flush();
      },
      sendReply: (reply) => connection.sendReply(reply),
      refuseRoutes: (routes) => connection.send({ kind: 'unroutable', routes }),
    };
    const { passlist } = this;
    connection.send({ kind: 'welcome', version: PROTOCOL_VERSION, instance: this.#instance, passlist });
    this.events.connected(peer);
    return peer;
  }

  #refusalOf(version: number, instance: bigint): string | undefined {
    if (version !== PROTOCOL_VERSION)
      return `tcpcopy speaks version ${version} of the control protocol, intercept ${PROTOCOL_VERSION}: install the same release on both`;
    if (this.#peers.size >= PEERS_MAX && !this.#peers.has(instance))
      return `${PEERS_MAX} peers are connected already`;
    return undefined;
  }

  #message(connection: Connection, peer: Peer, message: Message): void {
    if (message.kind === 'register') this.events.registered(peer, message.routes);
    else if (message.kind === 'unregister') this.events.unregistered(peer, message.routes);
    else if (message.kind === 'prove') this.events.asked(peer);
    else if (message.kind === 'hurry') this.turns.hurry();
    else if (message.kind === 'abandon') this.events.abandoned(peer, message.routes);
    else if (message.kind !== 'heartbeat') connection.refuse(`unexpected ${message.kind}`);
  }
}

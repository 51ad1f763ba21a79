/** intercept's end of the control channel: listens, greets, and keeps its peers apart. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Reply, Route } from '../wire/reply';
import { Connection } from './connection';
import { PROTOCOL_VERSION, type Message } from './messages';

const GREETING_MAX_MS = 2000;
const PEERS_MAX = 64;

/** A tcpcopy that has greeted. */
export interface Peer {
  readonly name: string;
  sendReplies(replies: readonly Reply[]): void;
}

export interface ServerEvents {
  connected(peer: Peer): void;
  registered(peer: Peer, routes: readonly Route[]): void;
  unregistered(peer: Peer, routes: readonly Route[]): void;
  disconnected(peer: Peer, reason: string): void;
  /** Somebody connected and was turned away. */
  refused(name: string, reason: string): void;
}

export interface Guard {
  readonly armed: boolean;
  /** Why not; empty when armed. */
  readonly reason: string;
}

export class ControlServer {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #instance = randomBytes(8).readBigUInt64BE();
  #guard: Guard = { armed: false, reason: 'intercept is starting' };

  constructor(private readonly events: ServerEvents) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @param address undefined listens on every address @throws the system's error, for example EADDRINUSE */
  listen(port: number, address: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: address ?? '0.0.0.0' }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** The port that is listened on, once it is. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Tells every peer when it changed. */
  setGuard(guard: Guard): void {
    if (guard.armed === this.#guard.armed && guard.reason === this.#guard.reason) return;
    this.#guard = guard;
    for (const connection of this.#connections) connection.send({ kind: 'guard', ...guard });
  }

  close(): Promise<void> {
    for (const connection of this.#connections) connection.refuse('intercept is stopping');
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const name = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    let peer: Peer | undefined;
    const connection = new Connection(socket, {
      message: (message) => {
        if (peer) this.#message(connection, peer, message);
        else peer = this.#greet(connection, name, message);
      },
      closed: (reason) => {
        clearTimeout(deadline);
        this.#connections.delete(connection);
        if (peer) this.events.disconnected(peer, reason);
        else this.events.refused(name, reason);
      },
    });
    const deadline = setTimeout(() => {
      if (!peer) connection.refuse('no greeting came in time');
    }, GREETING_MAX_MS);
    if (this.#connections.size >= PEERS_MAX) connection.refuse(`${PEERS_MAX} peers are connected already`);
    else this.#connections.add(connection);
  }

  #greet(connection: Connection, name: string, message: Message): Peer | undefined {
    if (message.kind === 'heartbeat') return undefined;
    if (message.kind !== 'hello') {
      connection.refuse(`expected a greeting, got ${message.kind}`);
      return undefined;
    }
    if (message.version !== PROTOCOL_VERSION) {
      connection.refuse(
        `tcpcopy speaks version ${message.version} of the control protocol, intercept ${PROTOCOL_VERSION}: install the same release on both`,
      );
      return undefined;
    }
    const peer: Peer = { name, sendReplies: (replies) => connection.send({ kind: 'replies', replies }) };
    connection.send({ kind: 'welcome', version: PROTOCOL_VERSION, instance: this.#instance });
    connection.send({ kind: 'guard', ...this.#guard });
    this.events.connected(peer);
    return peer;
  }

  #message(connection: Connection, peer: Peer, message: Message): void {
    if (message.kind === 'register') this.events.registered(peer, message.routes);
    else if (message.kind === 'unregister') this.events.unregistered(peer, message.routes);
    else if (message.kind !== 'heartbeat') connection.refuse(`unexpected ${message.kind}`);
  }
}

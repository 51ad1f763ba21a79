/** intercept's end of the control channel: listens, takes who may speak, greets, and keeps its peers apart. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { nodeTurns, type Turns } from '../kernel/turns';
import { Passlist, type PasslistEntries } from '../passlist/passlist';
import { formatAddress, type Address } from '../wire/address/address';
import { endpointKey, formatEndpoint, type Endpoint, type EndpointKey } from '../wire/flow';
import type { Guard, Stood } from '../wire/guard';
import type { Reply, Route } from '../wire/reply';
import { ALONE } from '../wire/tables/share';
import { Connection, type ConnectionEvents } from './connection';
import { PROTOCOL_VERSION, type Message, type RouteMessage, type Routes } from './messages';
import { hasKey, type Key } from './sealed/key';
import { SealedEnd } from './sealed/sealed-end';
import { Slots } from './slots';
import { sourceAddress } from './source-address';

const GREETING_MAX_MS = 2000;
/** What Node reads of a socket at a time (libuv, stream.c). */
const READ_BYTES = 64 * 1024;
/** Of those that are named, and of all others: neither takes the others' place. */
const PEERS_MAX = 64;
/** Connections that may be without a greeting at once, of one network and of all; then the oldest of them has to go. */
const STRANGERS_PER_NETWORK = 16;
const STRANGERS_MAX = 64;

type Hello = Message & { readonly kind: 'hello' };

/** Who may speak. */
export interface Admittance {
  /** Undefined speaks in the clear; with keys whoever proves one may speak, from anywhere. */
  readonly keys?: readonly Key[] | undefined;
  /** Addresses whose connections wait in slots of their own. Without keys nobody else may speak, unless it is empty. */
  readonly peers?: readonly Address[];
  /** Other names of this intercept than the address that a connection comes in by: its own behind a translation of addresses. */
  readonly names?: readonly Endpoint[];
  /** Of the test servers that a tcpcopy greets with: why it may not copy to them. By default it may to all. */
  readonly whyNotServed?: (endpoints: readonly Endpoint[]) => string | undefined;
}

/** A tcpcopy that has greeted. */
export interface Peer {
  readonly name: string;
  /** The id of the key that it has proven; undefined in the clear. */
  readonly key: string | undefined;
  /** Chosen by each run: a peer with the same one is the same tcpcopy, connected again. */
  readonly instance: bigint;
  /** Of the test servers that it copies to. */
  readonly endpoints: readonly Endpoint[];
  /** To be said again and again: a peer that does not hear it does not rely on the guard. */
  tellGuard(guard: Guard, stood: Omit<Stood, 'said_ms'>): void;
  sendReply(reply: Reply): void;
  /** Their replies will not come. */
  refuseRoutes(routes: readonly Route[]): void;
}

/** A connection that tells what is compared. */
export interface Teller {
  readonly name: string;
  /** Nothing more is read of it, so that it says no more; or it goes on. */
  hold(isHeld: boolean): void;
}

export interface ComparingEvents {
  joined(teller: Teller): void;
  /** @param records borrowed */
  seen(teller: Teller, records: Uint8Array): void;
  left(teller: Teller, reason: string): void;
}

export interface ServerEvents {
  connected(peer: Peer): void;
  registered(peer: Peer, routes: Routes): void;
  unregistered(peer: Peer, routes: Routes): void;
  /** Something is about to be sent: the guard is to be proven now, and again and again for a second. */
  asked(peer: Peer, number: number): void;
  /** Their copies ended, and the test server may still hold them. */
  abandoned(peer: Peer, routes: Routes): void;
  disconnected(peer: Peer, reason: string): void;
  /** What is answered on these is compared. */
  compared?(peer: Peer, routes: Routes): void;
  /** Undefined where nothing is compared. */
  readonly comparing?: ComparingEvents | undefined;
  /** Somebody connected and was turned away. */
  refused(name: string, reason: string): void;
}

/** What a peer may speak of: connections to the test servers that it greeted with. */
interface Greeted extends Peer {
  readonly served: ReadonlySet<EndpointKey>;
}

/** Who has greeted, for whatever purpose. */
interface Speaker {
  hear(message: Message): void;
  ended(reason: string): void;
}

/** A connection, from its first byte on. */
interface Caller {
  readonly name: string;
  readonly isNamed: boolean;
  readonly connection: Connection;
  readonly sealed: SealedEnd | undefined;
  /** By which it reached this machine. */
  readonly reached: string;
}

export class ControlServer {
  readonly #server: Server;
  /** Connections that have not greeted, of strangers and of those that are named. */
  readonly #strangers = new Slots<Caller>(STRANGERS_PER_NETWORK, STRANGERS_MAX);
  readonly #expected = new Slots<Caller>(STRANGERS_PER_NETWORK, Infinity);
  /** By the instance that greeted. */
  readonly #peers = new Map<bigint, Caller>();
  readonly #instance = randomBytes(8).readBigUInt64BE();
  readonly #named: ReadonlySet<string>;
  readonly #names: readonly string[];
  #keys: readonly Key[] | undefined;
  readonly #whyNotServed: NonNullable<Admittance['whyNotServed']>;

  /** @param passlist what responses are let through to @param admittance by default whoever comes may speak */
  constructor(
    private readonly events: ServerEvents,
    private readonly passlist: PasslistEntries = new Passlist(),
    private readonly turns: Turns = nodeTurns,
    { keys, peers = [], names = [], whyNotServed = () => undefined }: Admittance = {},
    /** Which of several workers it is; the others listen at the ports before and behind. */
    private readonly part = ALONE,
  ) {
    this.#whyNotServed = whyNotServed;
    this.#keys = keys;
    this.#named = new Set(peers.map(formatAddress));
    this.#names = names.map(({ address, port }) => formatEndpoint(address, port));
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

  /** From now on only these are taken; connections by others end. */
  useKeys(keys: readonly Key[]): void {
    this.#keys = keys;
    for (const { connection, sealed } of this.#callers())
      if (sealed?.key && !hasKey(keys, sealed.key)) connection.refuse(goneKey(sealed.key));
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { connection } of this.#callers()) connection.refuse('intercept is stopping');
    return closed;
  }

  #callers(): Caller[] {
    return [...this.#strangers, ...this.#expected, ...this.#peers.values()];
  }

  #accept(socket: Socket): void {
    const { text, network } = sourceAddress(socket.remoteAddress);
    const name = withPort(text, socket.remotePort);
    const isNamed = this.#named.has(text);
    const slots = isNamed ? this.#expected : this.#strangers;
    let speaker: Speaker | undefined;
    const connectionEvents: ConnectionEvents = {
      message: (message) => {
        // Its last word, which says why.
        if (message.kind === 'refuse') connection.close(`tcpcopy ended it: ${message.reason}`);
        else if (speaker) speaker.hear(message);
        else if (message.kind === 'hello') {
          clearTimeout(deadline);
          slots.remove(network, caller);
          speaker = this.#greet(caller, message);
        } else if (message.kind !== 'heartbeat')
          connection.refuse(`expected a greeting, got ${message.kind}`);
      },
      closed: (reason) => {
        clearTimeout(deadline);
        slots.remove(network, caller);
        for (const [instance, other] of this.#peers) {
          if (other === caller) this.#peers.delete(instance);
        }
        if (speaker) speaker.ended(reason);
        else this.events.refused(name, reason);
      },
    };
    const sealed = this.#keys && new SealedEnd('intercept', this.#keys);
    const connection: Connection = new Connection(socket, connectionEvents, this.turns, sealed);
    const reached = withPort(sourceAddress(socket.localAddress).text, socket.localPort);
    const caller: Caller = { name, isNamed, connection, sealed, reached };
    socket.on('data', (chunk) => {
      connection.receive(chunk);
      if (chunk.length < READ_BYTES) return;
      // More waits: the others have their turn before it.
      socket.pause();
      setImmediate(() => {
        if (!connection.isHeld) socket.resume();
      });
    });
    const deadline = setTimeout(() => connection.refuse('no greeting came in time'), GREETING_MAX_MS);
    if (!this.#keys && !isNamed && this.#named.size > 0) {
      connection.refuse(
        `${text} may not speak here: it is not on --peers of intercept, or where that is not given on its passlist (-x)`,
      );
      return;
    }
    slots.add(network, caller)?.connection.refuse('too many connections without a greeting');
  }

  #greet(caller: Caller, hello: Hello): Speaker | undefined {
    const { connection } = caller;
    const { instance } = hello;
    const refusal = this.#refusalOf(caller, hello);
    if (refusal !== undefined) {
      connection.refuse(refusal);
      return undefined;
    }
    // Its old connection is dead, even if nobody here knows yet; its routes are free for the new one.
    this.#peers.get(instance)?.connection.close('the same tcpcopy has connected again');
    this.#peers.set(instance, caller);
    connection.join();
    const { passlist, part } = this;
    connection.send({ kind: 'welcome', version: PROTOCOL_VERSION, instance: this.#instance, part, passlist });
    return hello.purpose === 'copy' ? this.#copies(caller, hello) : this.#tells(caller);
  }

  #copies({ connection, name, sealed }: Caller, { instance, endpoints }: Hello): Speaker {
    const peer: Greeted = {
      name,
      key: sealed?.key?.id,
      instance,
      endpoints,
      served: new Set(endpoints.map(({ address, port }) => endpointKey(address, port))),
      tellGuard: (guard, stood) => {
        connection.send({ kind: 'guard', stood: { ...stood, said_ms: performance.now() }, ...guard });
        connection.flush();
      },
      sendReply: (reply) => connection.sendReply(reply),
      refuseRoutes: (routes) => connection.send({ kind: 'unroutable', routes }),
    };
    this.events.connected(peer);
    return {
      hear: (message) => this.#message(connection, peer, message),
      ended: (reason) => this.events.disconnected(peer, reason),
    };
  }

  #tells({ connection, name }: Caller): Speaker {
    const comparing = this.events.comparing!;
    const teller: Teller = { name, hold: (isHeld) => connection.hold(isHeld) };
    comparing.joined(teller);
    return {
      hear: (message) => {
        if (message.kind === 'seen') comparing.seen(teller, message.records);
        else if (message.kind !== 'heartbeat') connection.refuse(`unexpected ${message.kind}`);
      },
      ended: (reason) => comparing.left(teller, reason),
    };
  }

  #refusalOf({ isNamed, sealed, reached }: Caller, hello: Hello): string | undefined {
    const { version, instance, called, endpoints, purpose } = hello;
    if (version !== PROTOCOL_VERSION)
      return `tcpcopy speaks version ${version} of the control protocol, intercept ${PROTOCOL_VERSION}: install the same release on both`;
    const meant = formatEndpoint(called.address, called.port);
    if (sealed && meant !== reached && !this.#names.includes(meant))
      return `it means the intercept at ${meant}, and this is ${reached}: somebody leads it here; where that is a translation of addresses, give intercept --name ${meant}`;
    if (sealed?.key && !hasKey(this.#keys ?? [], sealed.key)) return goneKey(sealed.key);
    if (purpose === 'compare' && !this.events.comparing) return NOT_COMPARING;
    const notServed = this.#whyNotServed(endpoints);
    if (notServed !== undefined) return notServed;
    const alike = [...this.#peers.values()].filter((peer) => peer.isNamed === isNamed);
    if (alike.length >= PEERS_MAX && !this.#peers.has(instance))
      return `${PEERS_MAX} peers are connected already`;
    return undefined;
  }

  #message(connection: Connection, peer: Greeted, message: Message): void {
    if ('routes' in message) this.#routes(connection, peer, message);
    else if (message.kind === 'prove') this.events.asked(peer, message.number);
    else if (message.kind === 'hurry') this.turns.hurry();
    else if (message.kind !== 'heartbeat') connection.refuse(`unexpected ${message.kind}`);
  }

  #routes(connection: Connection, peer: Greeted, { kind, routes }: RouteMessage): void {
    const foreign = foreignOf(peer.served, routes);
    if (foreign) {
      const server = formatEndpoint(foreign.serverAddress, foreign.serverPort);
      connection.refuse(`it speaks of a connection to ${server}, which it did not greet with`);
    } else if (kind === 'register') this.events.registered(peer, routes);
    else if (kind === 'unregister') this.events.unregistered(peer, routes);
    else if (kind === 'compare') this.events.compared?.(peer, routes);
    else if (kind === 'abandon') this.events.abandoned(peer, routes);
    else connection.refuse(`unexpected ${kind}`);
  }
}

/** The first that leads to none of these; mostly all lead to the same. */
function foreignOf(served: ReadonlySet<EndpointKey>, routes: Routes): Route | undefined {
  let latest = -1;
  for (let index = 0; index < routes.length; index += 1) {
    const route = routes.at(index)!;
    const server = endpointKey(route.serverAddress, route.serverPort);
    if (server !== latest && !served.has(server)) return route;
    latest = server;
  }
  return undefined;
}

export const NOT_COMPARING = 'intercept compares nothing: start it with --compare';

const goneKey = ({ id }: Key): string => `the key ${id} was taken out of the key file`;

const withPort = (text: string, port = 0): string =>
  text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;

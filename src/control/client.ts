/** tcpcopy's end of a control channel: connects, greets, and connects again with back-off when it is lost. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Reply, Route } from '../wire/reply';
import { Connection } from './connection';
import { PROTOCOL_VERSION, type Message } from './messages';

const BACK_OFF_MIN_MS = 50;
const BACK_OFF_MAX_MS = 2000;
const CONNECT_MAX_MS = 2000;

export type ClientState =
  /** Replies come, and everything that the test server answers is caught. */
  { readonly armed: true } | { readonly armed: false; readonly reason: string };

export interface ClientEvents {
  /** Only when it changed. */
  state(state: ClientState): void;
  replies(replies: readonly Reply[]): void;
  /** Addresses (host order) that intercept lets responses through to; comes before `state` can be armed. */
  passlist(addresses: readonly number[]): void;
  /** Replies of these connections will not come. */
  unroutable(routes: readonly Route[]): void;
}

export class ControlClient {
  /** The one attempt or connection that is alive. */
  #socket: Socket | undefined;
  #connection: Connection | undefined;
  #welcomed = false;
  #state: ClientState = { armed: false, reason: 'not connected yet' };
  #backOff_ms = BACK_OFF_MIN_MS;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #instance = randomBytes(8).readBigUInt64BE();

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly events: ClientEvents,
  ) {}

  get name(): string {
    return `${this.host}:${this.port}`;
  }

  get state(): ClientState {
    return this.#state;
  }

  start(): void {
    const socket = connect({ host: this.host, port: this.port });
    this.#socket = socket;
    const timeout = setTimeout(
      () => socket.destroy(new Error('no answer to the connection request')),
      CONNECT_MAX_MS,
    );
    const failed = (error: Error): void => {
      clearTimeout(timeout);
      this.#lost(error.message);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timeout);
      // From here on only the connection speaks of its end, once.
      socket.off('error', failed);
      const connection = new Connection(socket, {
        message: (message) => this.#message(connection, message),
        closed: (reason) => this.#lost(reason),
      });
      this.#connection = connection;
      connection.send({ kind: 'hello', version: PROTOCOL_VERSION, instance: this.#instance });
      connection.flush();
    });
  }

  register(route: Route): void {
    this.#connection?.send({ kind: 'register', routes: [route] });
  }

  unregister(route: Route): void {
    this.#connection?.send({ kind: 'unregister', routes: [route] });
  }

  /** Writes what is waiting now, so that routes are known before the packets that need them. */
  flush(): void {
    this.#connection?.flush();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    if (this.#connection) this.#connection.close('tcpcopy is stopping');
    else this.#socket?.destroy(new Error('tcpcopy is stopping'));
  }

  #message(connection: Connection, message: Message): void {
    if (message.kind === 'refuse') {
      connection.close(`refused: ${message.reason}`);
    } else if (message.kind === 'welcome') {
      this.#welcome(connection, message);
    } else if (message.kind === 'heartbeat') {
      return;
    } else if (!this.#welcomed) {
      connection.refuse(`expected a welcome, got ${message.kind}`);
    } else if (message.kind === 'guard') {
      this.#change(message.armed ? { armed: true } : { armed: false, reason: message.reason });
    } else if (message.kind === 'replies') {
      this.events.replies(message.replies);
    } else if (message.kind === 'unroutable') {
      this.events.unroutable(message.routes);
    } else {
      connection.refuse(`unexpected ${message.kind}`);
    }
  }

  #welcome(connection: Connection, welcome: Message & { kind: 'welcome' }): void {
    if (this.#welcomed) {
      connection.refuse('unexpected welcome');
    } else if (welcome.version !== PROTOCOL_VERSION) {
      connection.refuse(
        `intercept speaks version ${welcome.version} of the control protocol, tcpcopy ${PROTOCOL_VERSION}: install the same release on both`,
      );
    } else {
      this.#welcomed = true;
      this.#backOff_ms = BACK_OFF_MIN_MS;
      this.events.passlist(welcome.passlist);
    }
  }

  #lost(reason: string): void {
    this.#socket = undefined;
    this.#connection = undefined;
    this.#welcomed = false;
    if (this.#stopped) return;
    this.#change({ armed: false, reason });
    this.#retry = setTimeout(() => this.start(), this.#backOff_ms);
    this.#backOff_ms = Math.min(this.#backOff_ms * 2, BACK_OFF_MAX_MS);
  }

  #change(state: ClientState): void {
    const before = this.#state;
    const same =
      before.armed === state.armed && (before.armed || state.armed || before.reason === state.reason);
    this.#state = state;
    if (!same) this.events.state(state);
  }
}

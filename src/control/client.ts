/** tcpcopy's end of a control channel: connects, greets, and connects again with back-off when it is lost. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { nodeTurns, type Turns } from '../kernel/turns';
import type { PasslistEntries } from '../passlist/passlist';
import { parseAddress } from '../wire/address/address';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import type { Guard, Stood } from '../wire/guard';
import type { Route } from '../wire/reply';
import type { Share } from '../wire/tables/share';
import { Connection, PEER_CLOSED } from './connection';
import { PROTOCOL_VERSION, type Message, type Purpose, type Replies, type Routes } from './messages';
import { hasKey, type Key } from './sealed/key';
import { SealedEnd } from './sealed/sealed-end';

const BACK_OFF_MIN_MS = 50;
/** An intercept that does not compare may be started again so that it does. */
const BACK_OFF_MAX_MS = { copy: 500, compare: 5000 } as const;
const CONNECT_MAX_MS = 2000;
/** Proof and welcome are here by then, or who answers is no intercept. */
const WELCOME_MAX_MS = 2000;
/** Read at once: one piece of memory for the whole life of a connection, where a stream would allocate at each reading. */
const READ_BYTES = 64 * 1024;

export interface ClientEvents {
  /**
   * The greeting is through, and intercept knows of no route. Comes before everything else that it says.
   *
   * @param passlist what it lets responses through to
   * @param part which of several workers of intercept it is
   */
  connected(passlist: PasslistEntries, part: Share): void;
  /** @param stood when it stood so, by intercept's clock */
  guard(guard: Guard, stood: Stood): void;
  /** There is no connection, or none any more; it is tried again by itself. */
  lost(reason: string): void;
  replies(replies: Replies): void;
  /** Replies of these connections will not come. */
  unroutable(routes: Routes): void;
}

export class ControlClient {
  /** The one attempt or connection that is alive. */
  #socket: Socket | undefined;
  #connection: Connection | undefined;
  /** By which it was opened. */
  #key: Key | undefined;
  #welcomeBy: NodeJS.Timeout | undefined;
  #welcomed = false;
  #backOff_ms = BACK_OFF_MIN_MS;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #guarded: ReadonlySet<EndpointKey>;
  readonly #called: Endpoint;
  readonly #instance = randomBytes(8).readBigUInt64BE();

  /** @param host an IP address @param keys the first is proven to intercept; undefined speaks in the clear */
  constructor(
    private readonly host: string,
    private readonly port: number,
    /** Of the test servers. */
    private readonly endpoints: readonly Endpoint[],
    private readonly events: ClientEvents,
    private readonly turns: Turns = nodeTurns,
    private keys?: readonly Key[],
    private readonly purpose: Purpose = 'copy',
  ) {
    this.#called = { address: parseAddress(host) ?? 0, port };
    this.#guarded = new Set(endpoints.map(({ address, port: one }) => endpointKey(address, one)));
  }

  get name(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** Responses on this connection come by it: they are for none of the others, be they the same intercept by another address. */
  guards({ serverAddress, serverPort }: Route): boolean {
    return this.#guarded.has(endpointKey(serverAddress, serverPort));
  }

  start(): void {
    let connection: Connection | undefined;
    const onread = {
      buffer: new Uint8Array(READ_BYTES),
      callback: (length: number, bytes: Uint8Array): boolean => {
        connection?.receive(bytes.subarray(0, length));
        return true;
      },
    };
    const socket = connect({ host: this.host, port: this.port, onread });
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
      const sealed = this.keys && new SealedEnd('tcpcopy', this.keys);
      const own: Connection = new Connection(
        socket,
        {
          message: (message) => this.#message(own, message),
          closed: (reason) => this.#lost(this.#welcomed ? reason : this.#whyNotWelcomed(reason)),
        },
        this.turns,
        sealed,
      );
      own.join();
      connection = this.#connection = own;
      this.#key = this.keys?.[0];
      this.#welcomeBy = setTimeout(() => own.close('no welcome came in time'), WELCOME_MAX_MS);
      const { endpoints, purpose } = this;
      const greeting = { version: PROTOCOL_VERSION, instance: this.#instance, called: this.#called };
      own.send({ kind: 'hello', ...greeting, purpose, endpoints });
      own.flush();
    });
  }

  /** From now on only these keys are spoken with; a connection by another one ends, and the next is by the first. */
  useKeys(keys: readonly Key[]): void {
    this.keys = keys;
    const key = this.#key;
    if (key && !hasKey(keys, key))
      this.#connection?.refuse(`the key ${key.id} was taken out of the key file`);
  }

  register(route: Route): void {
    this.#connection?.sendRoute('register', route);
  }

  unregister(route: Route): void {
    this.#connection?.sendRoute('unregister', route);
  }

  /** What is answered on it is compared. */
  compare(route: Route): void {
    this.#connection?.sendRoute('compare', route);
  }

  /** How much was said and has not left yet; undefined while nobody listens. */
  get unsent_bytes(): number | undefined {
    return this.#welcomed ? this.#connection?.unsent_bytes : undefined;
  }

  /** On a connection that tells what is compared. @param records lent; lost where nobody listens */
  tell(records: Uint8Array): void {
    if (this.#welcomed) this.#connection?.send({ kind: 'seen', records });
  }

  abandon(route: Route): void {
    this.#connection?.sendRoute('abandon', route);
  }

  /** Asks for the guard to be proven, now and for a second. @param number of the question, by which answers name it */
  prove(number: number): void {
    this.#connection?.send({ kind: 'prove', number });
    this.#connection?.flush();
  }

  /** Asks for replies to be told sooner, for a while. */
  hurry(): void {
    this.#connection?.send({ kind: 'hurry' });
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
      this.events.guard({ level: message.level, reason: message.reason }, message.stood);
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
      clearTimeout(this.#welcomeBy);
      this.#backOff_ms = BACK_OFF_MIN_MS;
      this.events.connected(welcome.passlist, welcome.part);
    }
  }

  /** What an intercept that closes without a word may miss. */
  #whyNotWelcomed(reason: string): string {
    if (reason !== PEER_CLOSED && !reason.includes('ECONNRESET')) return reason;
    const [key] = this.keys ?? [];
    const mend = key
      ? `does it have the key ${key.id} (--key-file), and is it tcpcopy's own address that it sees? its log says why`
      : 'if it has a --key-file, give tcpcopy the same key';
    return `it closed the connection without a word: ${mend}`;
  }

  #lost(reason: string): void {
    clearTimeout(this.#welcomeBy);
    this.#socket = undefined;
    this.#connection = undefined;
    this.#key = undefined;
    this.#welcomed = false;
    if (this.#stopped) return;
    this.events.lost(reason);
    this.#retry = setTimeout(() => this.start(), this.#backOff_ms);
    this.#backOff_ms = Math.min(this.#backOff_ms * 2, BACK_OFF_MAX_MS[this.purpose]);
  }
}

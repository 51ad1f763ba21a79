/** An intercept's end of the control channel on a port, its own tcpcopies, and strangers who come to it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from '../../../src/control/client';
import { PROTOCOL_VERSION, type Message } from '../../../src/control/messages';
import { drawKey, type Key } from '../../../src/control/sealed/key';
import { ControlServer, type Admittance, type Peer } from '../../../src/control/server';
import { nodeTurns } from '../../../src/kernel/turns';
import { parseAddress } from '../../../src/wire/address/address';
import type { Reply, Route } from '../../../src/wire/reply';
import { replyOn } from './example';

export const LOOPBACK = parseAddress('127.0.0.1')!;
export const ENDPOINT = { address: 3, port: 8080 };
export const ROUTE: Route = { clientAddress: 1, clientPort: 2, serverAddress: 3, serverPort: 8080 };
export const REPLY = replyOn(ROUTE);
export const newKey = (id: string): Key => ({ ...drawKey(new Date()), id });
export const HELLO = {
  kind: 'hello',
  purpose: 'copy',
  version: PROTOCOL_VERSION,
  instance: 7n,
  called: { address: LOOPBACK, port: 1 },
  endpoints: [ENDPOINT],
} satisfies Message;

/** As long as it may take on a busy machine. */
export async function eventually(check: () => boolean, within_ms = 60_000): Promise<void> {
  for (const until_ms = performance.now() + within_ms; !check() && performance.now() < until_ms;)
    await sleep(5);
  expect(check()).toBe(true);
}

/** Somebody on the port, and what it is told. */
export class Stranger {
  told = 0;
  open = true;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Uint8Array) => (this.told += chunk.length));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.open = false));
  }
}

export class World {
  readonly peers: Peer[] = [];
  readonly routes: Route[] = [];
  readonly gone: string[] = [];
  readonly refused: string[] = [];
  readonly server: ControlServer;
  readonly #closing: (() => void)[] = [];

  constructor(admittance: Admittance) {
    this.server = new ControlServer(
      {
        connected: (peer) => this.peers.push(peer),
        registered: (_, routes) => this.routes.push(...routes),
        unregistered: () => undefined,
        asked: () => undefined,
        abandoned: () => undefined,
        disconnected: (_, reason) => this.gone.push(reason),
        refused: (_, reason) => this.refused.push(reason),
      },
      undefined,
      nodeTurns,
      admittance,
    );
  }

  static async with(admittance: Admittance): Promise<World> {
    const world = new World(admittance);
    await world.server.listen(0, '127.0.0.1');
    return world;
  }

  tcpcopy(keys?: readonly Key[], port = this.server.port) {
    const heard = { connected: 0, lost: [] as string[], replies: [] as Reply[] };
    const client = new ControlClient(
      '127.0.0.1',
      port,
      [ENDPOINT],
      {
        connected: () => (heard.connected += 1),
        guard: () => undefined,
        lost: (reason) => heard.lost.push(reason),
        replies: (replies) => heard.replies.push(...replies),
        unroutable: () => undefined,
      },
      nodeTurns,
      keys,
    );
    client.start();
    this.#closing.push(() => client.stop());
    return { client, heard };
  }

  atEnd(close: () => void): void {
    this.#closing.push(close);
  }

  async stranger(bytes: Uint8Array = new Uint8Array(0)): Promise<Stranger> {
    const socket = connect(this.server.port, '127.0.0.1');
    const stranger = new Stranger(socket);
    this.#closing.push(() => socket.destroy());
    await once(socket, 'connect');
    if (bytes.length > 0) socket.write(bytes);
    return stranger;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing) close();
    await this.server.close();
  }
}

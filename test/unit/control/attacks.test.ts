/** Who attacks the control channel, by what, and what must come of it: intercept lives, tells nothing, and keeps serving its own. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from '../../../src/control/client';
import { encodeFrame } from '../../../src/control/frames';
import { PROTOCOL_VERSION, type Message } from '../../../src/control/messages';
import { drawKey, type Key } from '../../../src/control/sealed/key';
import { SealedEnd } from '../../../src/control/sealed/sealed-end';
import { ControlServer, type Admittance, type Peer } from '../../../src/control/server';
import { servedBy } from '../../../src/intercept/served';
import { nodeTurns } from '../../../src/kernel/turns';
import { parseAddress } from '../../../src/wire/address/address';
import type { Endpoint } from '../../../src/wire/flow';
import type { Reply, Route } from '../../../src/wire/reply';
import { replyOn } from './example';

const LOOPBACK = parseAddress('127.0.0.1')!;
const ENDPOINT = { address: 3, port: 8080 };
const ROUTE: Route = { clientAddress: 1, clientPort: 2, serverAddress: 3, serverPort: 8080 };
const REPLY = replyOn(ROUTE);
const QUEUE = { by: 'queue', number: 0, length: undefined } as const;
const SILENT = { info: () => undefined, warning: () => undefined, error: () => undefined };
const newKey = (id: string): Key => ({ ...drawKey(new Date()), id });
const key = newKey('ours');
const HELLO = {
  kind: 'hello',
  version: PROTOCOL_VERSION,
  instance: 7n,
  called: { address: LOOPBACK, port: 1 },
  endpoints: [ENDPOINT],
} satisfies Message;

async function eventually(check: () => boolean, within_ms = 4000): Promise<void> {
  for (const until_ms = performance.now() + within_ms; !check() && performance.now() < until_ms;)
    await sleep(5);
  expect(check()).toBe(true);
}

/** Somebody on the port, and what it is told. */
class Stranger {
  told = 0;
  open = true;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Uint8Array) => (this.told += chunk.length));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.open = false));
  }
}

class World {
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

type Tamper = (chunk: Buffer, index: number) => readonly Uint8Array[];

/** An intercept behind somebody on the way, who does with what tcpcopy says as he likes, and hears all of it. */
async function behind(tamper: Tamper, admittance: Admittance) {
  const heard: Buffer[] = [];
  const proxy = createServer((near) => {
    let index = 0;
    const far = connect(world.server.port, '127.0.0.1');
    near.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      for (const piece of tamper(chunk, index)) far.write(piece);
      index += 1;
    });
    far.on('data', (chunk: Buffer) => near.write(chunk));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  const world = await World.with({ ...admittance, names: [{ address: LOOPBACK, port }] });
  world.atEnd(() => proxy.close());
  return { world, port, heard };
}

describe('with a key', () => {
  test('both ends speak, and what they say is heard', async () => {
    await using world = await World.with({ keys: [key] });
    const { client, heard } = world.tcpcopy([key]);
    await eventually(() => heard.connected === 1);
    client.register(ROUTE);
    await eventually(() => world.routes.length === 1);
    world.peers[0]!.sendReply(REPLY);
    await eventually(() => heard.replies.length === 1);
    expect(heard.replies).toEqual([REPLY]);
  });

  test('a tcpcopy without one is told nothing at all; both logs say what mends it', async () => {
    await using world = await World.with({ keys: [key] });
    const { heard } = world.tcpcopy();
    await eventually(() => heard.lost.length > 0 && world.refused.length > 0);
    expect(heard.lost[0]).toContain('if it has a --key-file, give tcpcopy the same key');
    expect(world.refused[0]).toContain('it speaks without a key: give it --key-file');
    const stranger = await world.stranger(encodeFrame(HELLO));
    await eventually(() => !stranger.open);
    expect([stranger.told, world.peers]).toEqual([0, []]);
  });

  test('tcpcopy does not speak to an intercept without one; both logs say what mends it', async () => {
    await using world = await World.with({});
    const { heard } = world.tcpcopy([key]);
    await eventually(() => heard.lost.length > 0 && world.refused.length > 0);
    expect(heard.lost[0]).toContain('it speaks without a key: give it --key-file');
    expect(world.refused[0]).toContain('this side has none: give both --key-file');
    expect(world.peers).toEqual([]);
  });

  test('another key is told nothing; both logs say what mends it', async () => {
    await using world = await World.with({ keys: [key] });
    const { heard } = world.tcpcopy([newKey('theirs')]);
    await eventually(() => heard.lost.length > 0 && world.refused.length > 0);
    expect(heard.lost[0]).toContain('does it have the key theirs');
    expect(world.refused[0]).toContain('it proves none of the keys here');
  });

  test.each([
    ['nothing', new Uint8Array(0), 0],
    ['of the web', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 0],
    ['a greeting in the clear', encodeFrame(HELLO), 0],
    ['chance that looks like a proof', new Uint8Array(200).fill(0xaa), 0],
    ['half a proof', new Uint8Array(30).fill(0xaa), 0],
  ])('who says %s is told nothing, and is gone within the time for a greeting', async (_, bytes, told) => {
    await using world = await World.with({ keys: [key] });
    const stranger = await world.stranger(bytes);
    await eventually(() => !stranger.open);
    expect(stranger.told).toBe(told);
  });

  test('whoever replays a whole connection hears a new nonce and proof, becomes no peer, and ends none', async () => {
    const { world: own, port, heard } = await behind((chunk) => [chunk], { keys: [key] });
    await using world = own;
    const { client, heard: told } = world.tcpcopy([key], port);
    await eventually(() => told.connected === 1);
    client.register(ROUTE);
    await eventually(() => world.routes.length === 1);
    const [opening, ...rest] = heard;
    const stranger = await world.stranger(opening);
    await eventually(() => stranger.told === 64);
    stranger.socket.write(Buffer.concat(rest));
    await eventually(() => !stranger.open);
    expect([stranger.told, world.peers.length, world.routes.length]).toEqual([64, 1, 1]);
    expect(world.refused).toEqual([expect.stringContaining('a record is not as the peer sealed it')]);
    expect([world.gone, told.lost]).toEqual([[], []]);
  });

  test('whoever replays or reflects what intercept says gets nothing out of tcpcopy', async () => {
    let answers = 0;
    const fake = createServer((socket) => {
      socket.on('error', () => undefined);
      // As an intercept that sends back what it hears.
      socket.on('data', (chunk) => {
        answers += 1;
        socket.write(chunk);
      });
    });
    fake.listen(0, '127.0.0.1');
    await once(fake, 'listening');
    await using world = await World.with({});
    world.atEnd(() => fake.close());
    const { heard } = world.tcpcopy([key], (fake.address() as AddressInfo).port);
    await eventually(() => heard.lost.length > 0);
    expect(heard.lost[0]).toContain('it does not prove the key ours');
    expect([heard.connected, answers]).toEqual([0, heard.lost.length]);
  });

  // What tcpcopy says is its opening, its greeting, and then a record for each turn.
  test.each<[string, Tamper]>([
    [
      'altered',
      (chunk, index) => [index === 2 ? chunk.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) : chunk],
    ],
    ['cut', (chunk, index) => [index === 2 ? chunk.subarray(0, -1) : chunk]],
    ['repeated', (chunk, index) => (index === 2 ? [chunk, chunk] : [chunk])],
    ['left out', (chunk, index) => (index === 2 ? [] : [chunk])],
  ])('a record that is %s on the way ends the connection, and nothing is taken of it', async (_, tamper) => {
    let life = 0;
    const once: Tamper = (chunk, index) => {
      if (index === 0) life += 1;
      return life === 1 ? tamper(chunk, index) : [chunk];
    };
    const { world: own, port } = await behind(once, { keys: [key] });
    await using world = own;
    const { client, heard } = world.tcpcopy([key], port);
    await eventually(() => heard.connected === 1);
    for (let clientPort = 1; heard.connected < 2 && clientPort < 200; clientPort += 1) {
      client.register({ ...ROUTE, clientPort });
      client.flush();
      await sleep(10);
    }
    expect(world.gone[0]).toContain('a record is not as the peer sealed it');
    expect(heard.lost).toHaveLength(1);
    // The first one was in the record; whole and once it may have been taken, and no other behind it.
    expect(world.routes.filter(({ clientPort }) => clientPort === 1).length).toBeLessThanOrEqual(1);
  });

  test('one that is led to another intercept than it means is refused there', async () => {
    const { world: own, port } = await behind((chunk) => [chunk], { keys: [key] });
    await using meant = own;
    await using other = await World.with({ keys: [key] });
    const relay = createServer((near) => {
      const far = connect(other.server.port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => undefined);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    meant.atEnd(() => relay.close());
    const called = (relay.address() as AddressInfo).port;
    const { client, heard } = meant.tcpcopy([key], called);
    await eventually(() => heard.lost.length > 0);
    client.stop();
    expect(port).not.toBe(called);
    expect(other.refused[0]).toContain(`it means the intercept at 127.0.0.1:${called}`);
    expect(other.refused[0]).toContain(`--name 127.0.0.1:${called}`);
    expect(other.peers).toEqual([]);
  });

  test('a key that is taken out ends its connections, and the next one is used', async () => {
    const [old, next] = [newKey('old'), newKey('next')];
    await using world = await World.with({ keys: [old, next] });
    const { client, heard } = world.tcpcopy([old]);
    await eventually(() => heard.connected === 1);
    client.useKeys([next, old]);
    world.server.useKeys([next, old]);
    expect(world.gone).toEqual([]);
    world.server.useKeys([next]);
    await eventually(() => heard.connected === 2);
    expect(world.gone).toEqual(['the key old was taken out of the key file']);
    expect(heard.lost).toEqual(['refused: the key old was taken out of the key file']);
    client.useKeys([newKey('another')]);
    await eventually(() => heard.lost.length > 2);
    expect(heard.connected).toBe(2);
  });

  test('who proved a key before that was taken out is not greeted by it behind', async () => {
    const [old, next] = [newKey('old'), newKey('next')];
    await using world = await World.with({ keys: [old, next], names: [HELLO.called] });
    const end = new SealedEnd('tcpcopy', [old]);
    const stranger = await world.stranger(end.takeUnsent());
    stranger.socket.on('data', (chunk: Uint8Array) => Array.from(end.receive(chunk)));
    await eventually(() => end.speaks);
    world.server.useKeys([next]);
    stranger.socket.write(end.seal(encodeFrame(HELLO)));
    await eventually(() => !stranger.open);
    expect([world.peers, world.refused]).toEqual([[], ['the key old was taken out of the key file']]);
  });
});

describe('without a key', () => {
  test('only who is named may speak, and the others are told why', async () => {
    await using world = await World.with({ peers: [parseAddress('198.18.10.20')!] });
    const { heard } = world.tcpcopy();
    await eventually(() => heard.lost.length > 0);
    expect(heard.lost[0]).toContain('127.0.0.1 may not speak here: it is not on --peers');
    expect(world.peers).toEqual([]);
  });

  test('who is named may, and where nobody is, anybody', async () => {
    for (const peers of [[LOOPBACK], []]) {
      await using world = await World.with({ peers });
      const { heard } = world.tcpcopy();
      await eventually(() => heard.connected === 1);
    }
  });
});

describe.each([
  ['with a key', [key], 10_000],
  ['without one', undefined, 2000],
])('a crowd, %s,', (_, keys, size) => {
  const admittance = { keys, peers: [] };

  test(`of ${size} connections that say nothing takes nobody else’s place, and holds few at a time`, async () => {
    await using world = await World.with(admittance);
    const { heard: early } = world.tcpcopy(keys);
    await eventually(() => early.connected === 1);
    const crowd: Stranger[] = [];
    const open = (): number => crowd.filter((stranger) => stranger.open).length;
    let most = 0;
    for (let round = 1; round <= size / 100; round += 1) {
      crowd.push(...(await Promise.all(Array.from({ length: 100 }, () => world.stranger()))));
      most = Math.max(most, open());
      world.peers[0]!.sendReply(REPLY);
      if (round !== 10) continue;
      const { heard: late } = world.tcpcopy(keys);
      await eventually(() => late.connected === 1, 20_000);
      expect(late.lost).toEqual([]);
    }
    await eventually(() => early.replies.length === size / 100, 20_000);
    expect(early.lost).toEqual([]);
    // With a key they are gone at once; without, as soon as they have read why, or have not for half a second.
    if (keys) expect(most).toBeLessThan(1000);
    await eventually(() => open() === 0);
  }, 60_000);

  test('that says its first bytes slowly is gone in time', async () => {
    await using world = await World.with(admittance);
    const slow = await world.stranger();
    const first = keys ? new Uint8Array(64).fill(0xaa) : encodeFrame(HELLO);
    const begun_ms = performance.now();
    for (let at = 0; slow.open && at < first.length; at += 1) {
      slow.socket.write(first.subarray(at, at + 1));
      await sleep(100);
    }
    expect(performance.now() - begun_ms).toBeLessThan(3000);
    expect(world.peers).toEqual([]);
  });
});

describe('a peer', () => {
  test.each(['register', 'unregister', 'abandon'] as const)(
    'that would %s connections to a server that it did not greet with is no peer any more',
    async (kind) => {
      await using world = await World.with({});
      const foreign = { ...ROUTE, serverPort: 22 };
      const stranger = await world.stranger(
        Buffer.concat([encodeFrame(HELLO), encodeFrame({ kind, routes: [ROUTE, foreign] })]),
      );
      await eventually(() => !stranger.open);
      expect(world.gone[0]).toContain('0.0.0.3:22, which it did not greet with');
      expect(world.routes).toEqual([]);
    },
  );

  test('that greets with somebody else’s server is told why, registers nothing, and changes nothing for others', async () => {
    const own = { deviceOf: (address: number) => (address === ENDPOINT.address ? 'eth0' : undefined) };
    const wishes = { caught: QUEUE, guarded: undefined, peerEndpoints_max: 2 };
    await using world = await World.with({ whyNotServed: servedBy(wishes, own, SILENT) });
    const { client, heard } = world.tcpcopy();
    await eventually(() => heard.connected === 1);
    client.register(ROUTE);
    await eventually(() => world.routes.length === 1);
    const theirs = { address: 4, port: 8080 };
    const greetings: readonly Endpoint[][] = [
      [theirs],
      [ENDPOINT, theirs],
      [1, 2, 3].map((port) => ({ ...ENDPOINT, port })),
    ];
    for (const [index, endpoints] of greetings.entries()) {
      const stranger = await world.stranger(
        Buffer.concat([
          encodeFrame({ ...HELLO, instance: BigInt(index), endpoints }),
          encodeFrame({
            kind: 'register',
            routes: [
              { ...ROUTE, clientPort: 9 },
              { ...ROUTE, serverAddress: 4 },
            ],
          }),
        ]),
      );
      await eventually(() => !stranger.open);
      expect(stranger.told).toBeGreaterThan(0);
    }
    expect(world.refused).toEqual([
      expect.stringContaining('may not copy to 0.0.0.4:8080'),
      expect.stringContaining('may not copy to 0.0.0.4:8080'),
      expect.stringContaining('it copies to 3 ports'),
    ]);
    world.peers[0]!.sendReply(REPLY);
    await eventually(() => heard.replies.length === 1);
    expect([world.peers.length, world.routes, world.gone, heard.lost]).toEqual([1, [ROUTE], [], []]);
  });

  test('that floods valid registrations holds up no other’s replies', async () => {
    await using world = await World.with({});
    const { heard } = world.tcpcopy();
    await eventually(() => heard.connected === 1);
    const routes = Array.from({ length: 1800 }, (_, clientPort) => ({ ...ROUTE, clientPort }));
    const flood = encodeFrame({ kind: 'register', routes });
    const flooder = await world.stranger(encodeFrame(HELLO));
    for (let round = 0; round < 100; round += 1) {
      flooder.socket.write(flood);
      world.peers[0]!.sendReply(REPLY);
      await sleep(1);
    }
    await eventually(() => heard.replies.length === 100 && world.routes.length === 180_000);
    expect(heard.lost).toEqual([]);
  });
});

import type { Share } from '../../../src/wire/tables/share';
import type { PasslistEntries } from '../../../src/passlist/passlist';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { ControlClient } from '../../../src/control/client';
import { encodeFrame, FrameDecoder } from '../../../src/control/frames';
import { PROTOCOL_VERSION, type Message } from '../../../src/control/messages';
import { ControlServer, type Peer, type ServerEvents } from '../../../src/control/server';
import { openKernel } from '../../../src/kernel/kernel';
import { nodeTurns, type Turns } from '../../../src/kernel/turns';
import { ARMED, type Guard, type Stood } from '../../../src/wire/guard';
import type { Reply, Route } from '../../../src/wire/reply';
import { replyOn } from './example';
import { messagesIn } from './owned';

const route: Route = { clientAddress: 1, clientPort: 2, serverAddress: 3, serverPort: 4 };
const reply = replyOn(route);

const STOOD: Stood = { asked: 1, heard_ms: 5, clock_ms: 6, said_ms: 6 };
const CALLED = { address: 0x7f000001, port: 36524 };
const ENDPOINTS = [
  { address: 0xc6120a1e, port: 8080 },
  { address: route.serverAddress, port: route.serverPort },
];
/** The second of three workers. */
const PART: Share = { index: 1, count: 3 };
const PASSLIST = {
  addresses: [0xc6120a14, 0xc6120a1e],
  ownCopies: [{ address: 0xc6120a14, ports: { first: 61_000, last: 65_535 } }],
};

/** Resolves when `check` holds; fails after a minute: the machine may be busy. */
async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (check()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(check()).toBe(true);
}

class World {
  readonly peers: Peer[] = [];
  readonly routes: Route[] = [];
  readonly abandoned: Route[] = [];
  asked = 0;
  readonly gone: string[] = [];
  readonly refused: string[] = [];
  readonly server: ControlServer;
  readonly sockets: Socket[] = [];
  readonly clients: ControlClient[] = [];

  constructor(private readonly turns: Turns) {
    const events: ServerEvents = {
      connected: (peer) => this.peers.push(peer),
      registered: (_, routes) => this.routes.push(...routes),
      unregistered: () => undefined,
      asked: () => (this.asked += 1),
      abandoned: (_, routes) => this.abandoned.push(...routes),
      disconnected: (_, reason) => this.gone.push(reason),
      refused: (_, reason) => this.refused.push(reason),
    };
    this.server = new ControlServer(events, PASSLIST, turns, {}, PART);
  }

  client(): {
    client: ControlClient;
    guards: Guard[];
    lost: string[];
    replies: Reply[];
    passlists: PasslistEntries[];
    parts: Share[];
    unroutable: Route[];
    /** What was told, by kind. */
    order: string[];
  } {
    const guards: Guard[] = [];
    const lost: string[] = [];
    const replies: Reply[] = [];
    const passlists: PasslistEntries[] = [];
    const parts: Share[] = [];
    const unroutable: Route[] = [];
    const order: string[] = [];
    const client = new ControlClient(
      '127.0.0.1',
      this.server.port,
      ENDPOINTS,
      {
        connected: (entries, part) => {
          passlists.push(entries);
          parts.push(part);
          order.push('connected');
        },
        guard: (guard) => {
          guards.push(guard);
          order.push('guard');
        },
        lost: (reason) => lost.push(reason),
        replies: (some) => replies.push(...some),
        unroutable: (routes) => unroutable.push(...routes),
      },
      this.turns,
    );
    this.clients.push(client);
    client.start();
    return { client, guards, lost, replies, passlists, parts, unroutable, order };
  }

  /** A peer that says what it likes. @returns what it hears */
  async stranger(bytes: Uint8Array): Promise<Message[]> {
    const socket = connect(this.server.port, '127.0.0.1');
    this.sockets.push(socket);
    const decoder = new FrameDecoder();
    const heard: Message[] = [];
    socket.on('data', (chunk) => heard.push(...messagesIn(decoder, chunk)));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(bytes);
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.stop();
    for (const socket of this.sockets) socket.destroy();
    await this.server.close();
  }
}

async function openWorld(turns: Turns): Promise<World> {
  const world = new World(turns);
  await world.server.listen(0, '127.0.0.1');
  return world;
}

describe.each([
  ['in turns of Node', nodeTurns],
  ['in turns of the reactor', openKernel().turns],
])('the control channel, %s,', (_, turns) => {
  test('tells intercept which endpoints are copied to, and tcpcopy what is said of the guard', async () => {
    await using world = await openWorld(turns);
    const { guards } = world.client();
    await eventually(() => world.peers.length === 1);
    expect(world.peers[0]!.endpoints).toEqual(ENDPOINTS);
    const lost: Guard = { level: 'suspended', reason: 'the canary was missed' };
    world.peers[0]!.tellGuard(ARMED, STOOD);
    world.peers[0]!.tellGuard(lost, STOOD);
    await eventually(() => guards.length === 2);
    expect(guards).toEqual([ARMED, lost]);
  });

  test('brings routes one way and replies the other', async () => {
    await using world = await openWorld(turns);
    const { client, replies } = world.client();
    await eventually(() => world.peers.length === 1);
    client.register(route);
    await eventually(() => world.routes.length === 1);
    for (const one of [reply, reply]) world.peers[0]!.sendReply(one);
    await eventually(() => replies.length === 2);
    expect(world.routes).toEqual([route]);
    expect(replies).toEqual([reply, reply]);
  });

  test('tells tcpcopy whom it must not copy before anything of the guard', async () => {
    await using world = await openWorld(turns);
    const { passlists, parts, order } = world.client();
    await eventually(() => world.peers.length === 1);
    world.peers[0]!.tellGuard(ARMED, STOOD);
    await eventually(() => order.length === 2);
    expect(passlists).toEqual([PASSLIST]);
    expect(parts).toEqual([PART]);
    expect(order).toEqual(['connected', 'guard']);
  });

  test('brings routes whose copies ended without a word', async () => {
    await using world = await openWorld(turns);
    const { client } = world.client();
    await eventually(() => world.peers.length === 1);
    client.register(route);
    client.abandon(route);
    await eventually(() => world.abandoned.length === 1);
    expect(world.abandoned).toEqual([route]);
  });

  test('tells tcpcopy of which connections no replies will come', async () => {
    await using world = await openWorld(turns);
    const { unroutable } = world.client();
    await eventually(() => world.peers.length === 1);
    world.peers[0]!.refuseRoutes([route]);
    await eventually(() => unroutable.length === 1);
    expect(unroutable).toEqual([route]);
  });

  test('forgets the old connection of a tcpcopy that connects again', async () => {
    await using world = await openWorld(turns);
    const hello = encodeFrame({
      kind: 'hello',
      purpose: 'copy',
      version: PROTOCOL_VERSION,
      instance: 7n,
      called: CALLED,
      endpoints: [],
    });
    await world.stranger(hello);
    await eventually(() => world.peers.length === 1);
    await world.stranger(hello);
    await eventually(() => world.gone.length === 1);
    expect(world.gone[0]).toContain('connected again');
    expect(world.peers).toHaveLength(2);
  });

  test('lets strangers who say nothing not keep out who has something to say', async () => {
    await using world = await openWorld(turns);
    for (let index = 0; index < 100; index += 1) await world.stranger(new Uint8Array(0));
    world.client();
    await eventually(() => world.peers.length === 1);
    expect(world.refused.some((reason) => reason.includes('too many'))).toBe(true);
  });

  test('is opened again by itself when it was lost', async () => {
    const world = await openWorld(turns);
    const { port } = world.server;
    const { order, lost } = world.client();
    await eventually(() => order.length === 1);
    await world.server.close();
    await eventually(() => lost.length > 0);
    await using second = new World(turns);
    second.clients.push(...world.clients);
    await second.server.listen(port, '127.0.0.1');
    await eventually(() => order.length === 2);
    expect(second.peers[0]!.instance).toBe(world.peers[0]!.instance);
  });

  test('turns away who speaks another protocol, with a reason', async () => {
    await using world = await openWorld(turns);
    const heard = await world.stranger(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await eventually(() => heard.length > 0 && world.refused.length > 0);
    expect(heard[0]).toMatchObject({ kind: 'refuse' });
    expect(world.peers).toEqual([]);
  });

  test('turns away another version and names both', async () => {
    await using world = await openWorld(turns);
    const heard = await world.stranger(
      encodeFrame({
        kind: 'hello',
        purpose: 'copy',
        version: 99,
        instance: 1n,
        called: CALLED,
        endpoints: [],
      }),
    );
    await eventually(() => heard.length > 0);
    expect(heard[0]).toMatchObject({ reason: expect.stringContaining(`99`) });
    expect(heard[0]).toMatchObject({ reason: expect.stringContaining(`${PROTOCOL_VERSION}`) });
  });

  test('turns away who registers before greeting', async () => {
    await using world = await openWorld(turns);
    const heard = await world.stranger(encodeFrame({ kind: 'register', routes: [route] }));
    await eventually(() => heard.length > 0);
    expect(world.routes).toEqual([]);
  });

  test('closes on who greets and then sends replies of its own', async () => {
    await using world = await openWorld(turns);
    await world.stranger(
      Buffer.concat([
        encodeFrame({
          kind: 'hello',
          purpose: 'copy',
          version: PROTOCOL_VERSION,
          instance: 1n,
          called: CALLED,
          endpoints: [],
        }),
        encodeFrame({ kind: 'replies', replies: [reply] }),
      ]),
    );
    await eventually(() => world.gone.length === 1);
    expect(world.gone[0]).toContain('unexpected');
  });

  test('is not held up by a peer that stops in the middle of a message', async () => {
    await using world = await openWorld(turns);
    await world.stranger(
      encodeFrame({
        kind: 'hello',
        purpose: 'copy',
        version: PROTOCOL_VERSION,
        instance: 1n,
        called: CALLED,
        endpoints: [],
      }).subarray(0, 6),
    );
    const { order } = world.client();
    await eventually(() => order.length === 1);
    await eventually(() => world.refused.length === 1);
    expect(world.refused[0]).toContain('no greeting');
  });
});

test('a route is for the intercept that guards its server, not for the same one by another address', () => {
  const told = { clientAddress: 1, clientPort: 2, serverAddress: 3, serverPort: 8080 };
  const events = {
    connected: () => undefined,
    guard: () => undefined,
    lost: () => undefined,
    replies: () => undefined,
    unroutable: () => undefined,
  };
  const one = new ControlClient('198.18.10.30', 1, [{ address: 3, port: 8080 }], events);
  const other = new ControlClient('2001:2::30', 1, [{ address: 4, port: 8080 }], events);
  expect([one, other].map((client) => client.guards(told))).toEqual([true, false]);
  expect(other.name).toBe('[2001:2::30]:1');
});

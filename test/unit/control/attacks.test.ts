/** Who attacks the control channel, by what, and what must come of it: intercept lives, tells nothing, and keeps serving its own. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame } from '../../../src/control/frames';
import { SealedEnd } from '../../../src/control/sealed/sealed-end';
import type { Admittance } from '../../../src/control/server';
import { parseAddress } from '../../../src/wire/address/address';
import { eventually, HELLO, LOOPBACK, newKey, REPLY, ROUTE, World, type Stranger } from './attacked';

const key = newKey('ours');

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
    expect(world.gone[1]).toBe('tcpcopy ended it: the key next was taken out of the key file');
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

/** Who has no core for two seconds takes a welcome for lost, and asks again: that is not the crowd's doing. */
const LATE = 'no welcome came in time';
/** All ends are in this process: with more of them, one that has a tenth of a core is silent for so long that it is taken for dead. */
const AT_ONCE = 20;

// Ten thousand of them come in e2e/copy/control.
describe.each([
  ['with a key', [key], 3000],
  ['without one', undefined, 1500],
])('a crowd, %s,', (_, keys, size) => {
  const admittance = { keys, peers: [] };

  test(`of ${size} connections that say nothing takes nobody else’s place, and holds few at a time`, async () => {
    await using world = await World.with(admittance);
    const { heard: early } = world.tcpcopy(keys);
    await eventually(() => early.connected === 1);
    const crowd: Stranger[] = [];
    const open = (): number => crowd.filter((stranger) => stranger.open).length;
    let most = 0;
    for (let round = 1; round <= size / AT_ONCE; round += 1) {
      crowd.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => world.stranger()))));
      most = Math.max(most, open());
      world.peers[0]!.sendReply(REPLY);
      if (round !== size / AT_ONCE / 3) continue;
      const { heard: late } = world.tcpcopy(keys);
      await eventually(() => late.connected === 1);
      expect(late.lost.filter((why) => why !== LATE)).toEqual([]);
    }
    await eventually(() => early.replies.length === size / AT_ONCE);
    expect(early.lost).toEqual([]);
    // With a key they are gone at once; without, as soon as they have read why, or have not for half a second.
    if (keys) expect(most).toBeLessThan(1000);
    await eventually(() => open() === 0);
  });

  test('that says its first bytes slowly is gone in time', async () => {
    await using world = await World.with(admittance);
    const slow = await world.stranger();
    const first = keys ? new Uint8Array(64).fill(0xaa) : encodeFrame(HELLO);
    let at = 0;
    for (; slow.open && at < first.length; at += 1) {
      slow.socket.write(first.subarray(at, at + 1));
      await sleep(100);
    }
    // All of it would take twice as long as a greeting may.
    expect(at).toBeLessThan(first.length);
    expect(world.peers).toEqual([]);
  });
});

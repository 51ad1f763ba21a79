/**
 * A real control server with intercept's router behind it, and strangers on its port that send anything: it lives, keeps
 * serving its own, tells nobody of connections that are not honestRoute, and holds no more than it should.
 */
import { ALONE } from '../../src/wire/tables/share';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder } from '../../src/control/frames';
import { PROTOCOL_VERSION, type Message } from '../../src/control/messages';
import { ControlServer, type Peer } from '../../src/control/server';
import { Router } from '../../src/routing/router';
import { parseAddress } from '../../src/wire/address/address';
import type { Reply, Route } from '../../src/wire/reply';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';
import { messagesIn } from '../unit/control/owned';

const ACTS = 40;
/** As in the server. */
const PEERS_MAX = 64;
/** Often enough for a server that takes two seconds of silence for death. */
const BEAT_MS = 100;

const route = (client: string, clientPort: number, server: string): Route => ({
  clientAddress: parseAddress(client)!,
  clientPort,
  serverAddress: parseAddress(server)!,
  serverPort: 80,
});
/** The honest tcpcopy's, in one family or the other. */
const HONEST = [route('0.0.0.1', 1000, '0.0.0.3'), route('::1', 1000, '::3')];
/** A stranger's; every other one speaks of IPv6. */
const own = (stranger: number, port: number): Route =>
  stranger % 2 === 0
    ? route(`0.0.1.${stranger}`, port, '0.0.0.3')
    : route(`2001:2::${stranger.toString(16)}`, port, '::3');
const keyOf = ({ clientAddress, clientPort }: Route): string => `${clientAddress}:${clientPort}`;

const replyOn = (route: Route): Reply => ({
  ...route,
  sequence: 5,
  acknowledgment: 6,
  flags: 16,
  window: 7,
  payloadLength: 0,
  maximumSegmentSize: undefined,
  windowScale: undefined,
  at_ms: 5,
});

/** intercept, as far as the control channel goes. */
class Intercept {
  readonly router = new Router<Peer>();
  readonly server: ControlServer;

  constructor() {
    const { router } = this;
    this.server = new ControlServer({
      connected: () => undefined,
      registered: (peer, routes) => {
        const refused = [...routes].filter((route) => {
          const waited = router.register(peer, route);
          for (const reply of waited ?? []) peer.sendReply(reply);
          return !waited;
        });
        if (refused.length > 0) peer.refuseRoutes(refused);
      },
      unregistered: (peer, routes) => [...routes].forEach((route) => router.unregister(peer, route)),
      asked: () => undefined,
      abandoned: (peer, routes) => [...routes].forEach((route) => router.unregister(peer, route)),
      disconnected: (peer) => router.forget(peer),
      refused: () => undefined,
    });
  }

  answer(route: Route): void {
    const reply = replyOn(route);
    this.router.route(reply, performance.now())?.sendReply(reply);
  }
}

/** Somebody on the control port, and what was said to it. */
class Speaker {
  readonly heard: Message[] = [];
  open = true;

  private constructor(readonly socket: Socket) {
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => this.heard.push(...messagesIn(decoder, chunk)));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.open = false));
  }

  static async on(port: number): Promise<Speaker> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new Speaker(socket);
  }

  /** As a tcpcopy that lives: it is not dropped for its silence, however long the others take. */
  static async alive(port: number): Promise<Speaker> {
    const speaker = await Speaker.on(port);
    const beats = setInterval(() => speaker.say({ kind: 'heartbeat' }), BEAT_MS);
    speaker.socket.once('close', () => clearInterval(beats));
    return speaker;
  }

  say(...messages: readonly Message[]): void {
    this.write(Buffer.concat(messages.map(encodeFrame)));
  }

  write(bytes: Uint8Array): void {
    if (this.open) this.socket.write(bytes);
  }

  get replies(): Reply[] {
    return this.heard.flatMap((message) => (message.kind === 'replies' ? [...message.replies] : []));
  }
}

const hello = (instance: bigint): Message => ({
  kind: 'hello',
  purpose: 'copy',
  version: PROTOCOL_VERSION,
  instance,
  called: { address: 1, port: 1 },
  endpoints: HONEST.map(({ serverAddress, serverPort }) => ({ address: serverAddress, port: serverPort })),
});

function drawMessage(random: Random, stranger: number, honestRoute: Route): Message {
  const routes = random.chance(0.5) ? [honestRoute] : [own(stranger, random.between(1, 3)), honestRoute];
  return random.pick<Message>([
    hello(BigInt(random.between(0, 3))),
    { kind: 'register', routes },
    { kind: 'unregister', routes },
    { kind: 'unroutable', routes },
    { kind: 'replies', replies: [replyOn(honestRoute)] },
    { kind: 'abandon', routes },
    { kind: 'guard', level: 'armed', stood: { asked: 0, heard_ms: 0, clock_ms: 1, said_ms: 1 }, reason: '' },
    {
      kind: 'welcome',
      version: PROTOCOL_VERSION,
      instance: 1n,
      part: ALONE,
      passlist: { addresses: [honestRoute.clientAddress], ownCopies: [] },
    },
    { kind: 'refuse', reason: 'x' },
    { kind: 'heartbeat' },
  ]);
}

function misbehave(random: Random, speaker: Speaker, stranger: number, honestRoute: Route): void {
  const dice = random.next();
  const frame = encodeFrame(drawMessage(random, stranger, honestRoute));
  if (dice < 0.3) speaker.write(frame);
  else if (dice < 0.45) speaker.write(frame.subarray(0, random.between(0, frame.length)));
  else if (dice < 0.6) {
    const bent = frame.slice();
    bent[random.between(0, bent.length - 1)] = random.between(0, 255);
    speaker.write(bent);
  } else if (dice < 0.75) {
    speaker.write(Uint8Array.from({ length: random.between(1, 2000) }, () => random.between(0, 255)));
  } else if (dice < 0.9)
    speaker.say(hello(BigInt(random.between(10, 1000))), drawMessage(random, stranger, honestRoute));
  else if (dice < 0.95) speaker.socket.destroy();
  else speaker.socket.end();
}

async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), what);
}

fuzz(
  'crowds of strangers neither stop the control server nor hear what is not theirs',
  40,
  async (random) => {
    const honestRoute = random.pick(HONEST);
    const intercept = new Intercept();
    await intercept.server.listen(0, '127.0.0.1');
    const { port } = intercept.server;
    const honest = await Speaker.alive(port);
    honest.say(hello(0xfeed_f00d_cafen), { kind: 'register', routes: [honestRoute] });
    await eventually(() => intercept.router.counters.routes === 1, 'the honest route is registered');

    const strangers: Speaker[] = [];
    for (let act = 0; act < ACTS; act += 1) {
      if (strangers.length === 0 || random.chance(0.3)) strangers.push(await Speaker.on(port));
      const stranger = random.between(0, strangers.length - 1);
      misbehave(random, strangers[stranger]!, stranger, honestRoute);
      if (random.chance(0.3))
        intercept.answer(random.chance(0.5) ? honestRoute : own(stranger, random.between(1, 3)));
      if (random.chance(0.2)) await new Promise((resolve) => setImmediate(resolve));
    }

    const before = honest.replies.length;
    intercept.answer(honestRoute);
    await eventually(() => honest.replies.length > before, 'the honest tcpcopy still hears its replies');
    assert.ok(honest.open);
    assert.deepEqual(new Set(honest.replies.map(keyOf)), new Set([keyOf(honestRoute)]));
    for (const [index, speaker] of strangers.entries()) {
      // Others on the same port may have registered a stranger's routes first: only its own kind can be heard.
      const foreign = speaker.replies.filter((reply) => reply.clientAddress === honestRoute.clientAddress);
      assert.deepEqual(foreign, [], `stranger ${index} heard of a connection that is not its own`);
    }
    for (const { socket } of [...strangers, honest]) socket.destroy();
    await intercept.server.close();
    await eventually(() => intercept.router.counters.routes === 0, 'all routes are forgotten');
  },
);

fuzz(
  'times, more connections than the control server takes leave the honest one alone',
  2,
  async (random) => {
    const honestRoute = random.pick(HONEST);
    const intercept = new Intercept();
    await intercept.server.listen(0, '127.0.0.1');
    const { port } = intercept.server;
    const honest = await Speaker.alive(port);
    honest.say(hello(0xfeed_f00d_cafen), { kind: 'register', routes: [honestRoute] });
    const crowd = await Promise.all(Array.from({ length: 3 * PEERS_MAX }, () => Speaker.on(port)));
    for (const [index, speaker] of crowd.entries()) {
      if (random.chance(0.6))
        speaker.say(hello(BigInt(index)), { kind: 'register', routes: [own(index, 1)] });
      else speaker.write(new Uint8Array(random.between(1, 4)));
    }
    await eventually(
      () => crowd.filter(({ open }) => open).length <= 2 * PEERS_MAX,
      'the crowd is thinned out',
    );
    assert.ok(intercept.router.counters.routes <= PEERS_MAX);
    intercept.answer(honestRoute);
    await eventually(() => honest.replies.length === 1, 'the honest tcpcopy still hears its replies');
    for (const { socket } of [...crowd, honest]) socket.destroy();
    await intercept.server.close();
  },
);

fuzz('times, who does not read what it is sent is dropped, and keeps up nobody', 1, async (random) => {
  const honestRoute = random.pick(HONEST);
  const intercept = new Intercept();
  await intercept.server.listen(0, '127.0.0.1');
  const { port } = intercept.server;
  const honest = await Speaker.alive(port);
  honest.say(hello(0xfeed_f00d_cafen), { kind: 'register', routes: [honestRoute] });
  const deaf = await Speaker.alive(port);
  const unheard = own(random.between(0, 1), 1);
  deaf.say(hello(7n), { kind: 'register', routes: [unheard] });
  await eventually(() => intercept.router.counters.routes === 2, 'both are registered');
  // It lives: it is dropped for what it does not read, and for nothing else.
  deaf.socket.pause();
  const before_bytes = process.memoryUsage().arrayBuffers;
  // 32 bytes each: five times what may wait for one peer.
  for (let turn = 0; turn < 250 && intercept.router.counters.routes === 2; turn += 1) {
    for (let count = 0; count < 10_000; count += 1) intercept.answer(unheard);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(intercept.router.counters.routes, 1, 'the deaf one was dropped');
  assert.ok(process.memoryUsage().arrayBuffers - before_bytes < 100 * 2 ** 20);
  intercept.answer(honestRoute);
  await eventually(() => honest.replies.length === 1, 'the honest tcpcopy still hears its replies');
  for (const { socket } of [deaf, honest]) socket.destroy();
  await intercept.server.close();
});

/** The router beside a model of it that is too simple to be wrong. */
import assert from 'node:assert/strict';
import { Router } from '../../src/routing/router';
import { parseAddress, type Address } from '../../src/wire/address/address';
import type { Reply, Route } from '../../src/wire/reply';
import type { Random } from '../sim/world/plan/random';
import { fuzz } from './rounds';

const PEERS = ['one', 'another', 'a third'] as const;
type Peer = (typeof PEERS)[number];
const WAIT_MAX_MS = 1000;

/** Lists that are searched from their beginning. */
class Model {
  #held: { key: string; peer: Peer }[] = [];
  #waiting: { key: string; reply: Reply; until_ms: number }[] = [];

  get routes(): number {
    return this.#held.length;
  }

  register(peer: Peer, route: Route): Reply[] | undefined {
    const key = keyOf(route);
    const holder = this.#held.find((one) => one.key === key);
    if (holder && holder.peer !== peer) return undefined;
    if (!holder) this.#held.push({ key, peer });
    const claimed = this.#waiting.filter((one) => one.key === key);
    this.#waiting = this.#waiting.filter((one) => one.key !== key);
    return claimed.map(({ reply }) => reply);
  }

  unregister(peer: Peer, route: Route): void {
    const key = keyOf(route);
    this.#held = this.#held.filter((one) => one.key !== key || one.peer !== peer);
  }

  forget(peer: Peer): number {
    const before = this.#held.length;
    this.#held = this.#held.filter((one) => one.peer !== peer);
    return before - this.#held.length;
  }

  route(reply: Reply, now_ms: number): Peer | undefined {
    const key = keyOf(reply);
    const holder = this.#held.find((one) => one.key === key);
    if (holder) return holder.peer;
    this.expire(now_ms);
    this.#waiting.push({ key, reply, until_ms: now_ms + WAIT_MAX_MS });
    return undefined;
  }

  expire(now_ms: number): void {
    this.#waiting = this.#waiting.filter(({ until_ms }) => until_ms > now_ms);
  }
}

const keyOf = ({ clientAddress, clientPort, serverAddress, serverPort }: Route): string =>
  [clientAddress, clientPort, serverAddress, serverPort].join();

/** Two of each family. */
const CLIENTS = [1, 0xffff_ffff, ...['::1', '2001:2::1'].map((text) => parseAddress(text)!)];
const SERVERS = [3, 4, ...['2001:2::3', '2001:2::4'].map((text) => parseAddress(text)!)];

/** So few that routes come again. */
interface Ends {
  readonly clients: readonly Address[];
  readonly servers: readonly Address[];
}

const drawEnds = (random: Random): Ends => {
  const two = (all: readonly Address[]): Address[] => [random.pick(all), random.pick(all)];
  return { clients: two(CLIENTS), servers: two(SERVERS) };
};

const drawRoute = (random: Random, { clients, servers }: Ends): Route => ({
  clientAddress: random.pick(clients),
  clientPort: random.between(1, 3),
  serverAddress: random.pick(servers),
  serverPort: random.pick([80, 0xffff]),
});

fuzz('routers do what a simple one does', 3000, (random) => {
  const router = new Router<Peer>();
  const model = new Model();
  const ends = drawEnds(random);
  let now_ms = 0;
  let replies = 0;
  for (let step = 0; step < 60; step += 1) {
    now_ms += random.pick([0, 1, 100, 600]);
    const peer = random.pick(PEERS);
    const route = drawRoute(random, ends);
    const dice = random.next();
    if (dice < 0.35) assert.deepEqual(router.register(peer, route), model.register(peer, route));
    else if (dice < 0.5) {
      router.unregister(peer, route);
      model.unregister(peer, route);
    } else if (dice < 0.55) assert.equal(router.forget(peer).length, model.forget(peer));
    else if (dice < 0.6) {
      router.expire(now_ms);
      model.expire(now_ms);
    } else {
      replies += 1;
      const rest = {
        flags: 16,
        window: 1,
        payloadLength: 0,
        maximumSegmentSize: undefined,
        windowScale: undefined,
        at_ms: 5,
      };
      const reply = { ...route, sequence: step, acknowledgment: 0, ...rest };
      assert.equal(router.route(reply, now_ms), model.route(reply, now_ms));
    }
    assert.equal(router.counters.routes, model.routes);
  }
  router.expire(now_ms + WAIT_MAX_MS);
  assert.equal(router.counters.replies_routed + router.counters.replies_unclaimed, replies);
});

/** The engine, fed with anything in any order: it never throws, and what must always hold holds after every event. */
import { Passlist } from '../../src/passlist/passlist';
import assert from 'node:assert/strict';
import type { EngineOptions, Transfer } from '../../src/session/contract';
import { Engine } from '../../src/session/engine';
import { newCounters, type CounterName } from '../../src/session/tables/counters';
import { endpointKey } from '../../src/wire/flow';
import { emitIp, ipHeader_bytes } from '../../src/wire/ip/ip';
import type { GuardLevel } from '../../src/wire/guard';
import type { Reply, Route } from '../../src/wire/reply';
import { emptySegmentView, viewSegment } from '../../src/wire/segment';
import { ACK, emitTcp, FIN, PSH, RST, SYN } from '../../src/wire/tcp';
import { FAMILIES, familyOf, parseAddress, type Address, type Family } from '../../src/wire/address/address';
import { TEST_PORT } from '../sim/world/addresses';
import type { Random } from '../sim/world/plan/random';
import { givenUpOf } from '../sim/world/verdict';
import { fuzz } from './rounds';

const addresses = (ipv4: string, ipv6: string): Record<Family, Address> => ({
  4: parseAddress(ipv4)!,
  6: parseAddress(ipv6)!,
});
const CLIENTS = [addresses('10.0.0.1', '2001:2::1'), addresses('127.0.0.1', '::1')];
const ONLINE = addresses('10.0.0.2', '2001:2::2');
const TEST = addresses('10.0.0.3', '2001:2::3');
const EVENTS = 80;
const SESSIONS_MAX = 6;
const MEMORY_BYTES = 40_000;
const FLAGS = [SYN, ACK, ACK, ACK | PSH, ACK | PSH, ACK | FIN, RST, RST | ACK, SYN | ACK, 0, 0xff];

/** A machine's own address, at times. */
const OWN = addresses('10.0.0.9', '2001:2::9');
const LOOPBACK = addresses('10.0.0.7', '2001:2::7');

/** What is copied: to a test server of one family, or each family to its own. */
function drawTransfers(random: Random): Transfer[] {
  const to = (family: Family): Transfer => ({
    onlineAddress: random.pick([undefined, ONLINE[family]]),
    onlinePort: 80,
    testAddress: TEST[family],
    testPort: TEST_PORT,
  });
  if (random.chance(0.7)) return [to(random.pick(FAMILIES))];
  return FAMILIES.map((family) => ({ ...to(family), onlineFamily: family }));
}

function drawOptions(random: Random): EngineOptions {
  const owned = random.pick([[OWN[4]], [OWN[6]], [OWN[4], OWN[6]]]);
  return {
    transfers: drawTransfers(random),
    sessions_max: SESSIONS_MAX,
    memory_bytes: MEMORY_BYTES,
    mtu_bytes: random.pick([256, 1500, 9000]),
    copies: random.between(1, 3),
    percentage: random.pick([100, 100, 50]),
    waitForAnswers: random.chance(0.7),
    wholeConnectionsOnly: random.chance(0.2),
    portShift: random.pick([0, 0, 1023]),
    sourceAddresses: random.pick([[], [], owned]),
    ...(random.chance(0.3) && { own: { addresses: owned, ports: { first: 61_000, last: 61_007 } } }),
    ...(random.chance(0.3) && { idle_ms: 1000 }),
    ...(random.chance(0.3) && { response_ms: 500 }),
    ...(random.chance(0.3) && { loopbackAddress: LOOPBACK[random.pick(FAMILIES)] }),
  };
}

class Trial {
  now_ms = 0;
  armed = false;
  readonly registered = new Map<number, Route>();
  readonly known: Route[] = [];
  readonly engine: Engine;
  readonly #sent = emptySegmentView();
  readonly #view = emptySegmentView();
  readonly #base: number;

  constructor(private readonly random: Random) {
    this.#base = random.pick([0, 0xffff_ff00, 0x7fff_ff00, random.between(0, 0xffff_ffff)]);
    this.engine = new Engine(drawOptions(random), {
      send: (packet, length) => this.#checkSent(packet, length),
      register: (route) => {
        this.registered.set(endpointKey(route.clientAddress, route.clientPort), route);
        this.known.push(route);
      },
      unregister: (route) => this.#unregister(route),
      abandon: (route) => this.#unregister(route),
      isHeld: () => random.chance(0.1),
    });
  }

  #unregister(route: Route): void {
    this.registered.delete(endpointKey(route.clientAddress, route.clientPort));
  }

  #checkSent(packet: Uint8Array, length: number): void {
    const view = this.#sent;
    assert.equal(viewSegment(view, packet, 0, length, 'whole'), undefined);
    assert.ok(view.destination === TEST[familyOf(view.source)] && view.destinationPort === TEST_PORT);
    // A reset that nobody will answer needs no guard.
    assert.ok((this.armed && this.engine.guard !== 'suspended') || (view.flags & RST) !== 0);
    assert.equal(this.registered.has(endpointKey(view.source, view.sourcePort)), true);
    if (this.random.chance(0.05)) this.engine.sendFailed('EPERM');
  }

  happen(): void {
    const { random, engine } = this;
    this.now_ms += random.chance(0.1) ? random.between(0, 5000) : random.next() * 5;
    const { now_ms } = this;
    const dice = random.next();
    if (dice < 0.5) this.#capture();
    else if (dice < 0.8) engine.replied(this.#reply(), now_ms);
    else if (dice < 0.88) engine.tick(now_ms);
    else if (dice < 0.93) {
      const deadline_ms = engine.nextDeadline_ms();
      if (deadline_ms < Infinity) engine.tick((this.now_ms = Math.max(now_ms, deadline_ms)));
    } else if (dice < 0.96) {
      const route = this.#route();
      if (route) engine.unroutable(route, now_ms);
    } else if (dice < 0.99) this.#guard(random.pick(['armed', 'armed', 'suspended', 'disarmed']));
    else if (dice < 0.995) engine.clientsGone(now_ms);
    else
      engine.setPasslist(
        new Passlist(random.chance(0.5) ? [CLIENTS[0]![random.pick(FAMILIES)]] : []),
        now_ms,
      );
  }

  #guard(level: GuardLevel): void {
    // Resets may be sent under a guard that is about to end, and nothing while it is being suspended.
    if (level !== 'disarmed') this.armed = level === 'armed';
    this.engine.setGuard(level, this.now_ms);
    this.armed = level === 'armed';
  }

  #route(): Route | undefined {
    return this.known.length > 0 ? this.random.pick(this.known) : undefined;
  }

  #sequence(): number {
    const { random } = this;
    return random.chance(0.05)
      ? random.between(0, 0xffff_ffff)
      : (this.#base + random.pick([0, 1, 2, 100, random.between(0, 3000)])) >>> 0;
  }

  #capture(): void {
    const { random } = this;
    const payloadLength = random.pick([0, 0, 1, 99, random.between(0, 2000), random.between(0, 30_000)]);
    const family = random.pick(FAMILIES);
    const source = random.pick(CLIENTS)[family];
    const destination = (random.chance(0.97) ? ONLINE : TEST)[family];
    const tcp = ipHeader_bytes(source);
    const bytes = new Uint8Array(tcp + 20 + payloadLength);
    emitIp(bytes, 0, { identification: 0, ttl: 1, source, destination }, 20 + payloadLength);
    emitTcp(bytes, tcp, {
      sourcePort: random.between(1, 3),
      destinationPort: random.chance(0.97) ? 80 : TEST_PORT,
      sequence: this.#sequence(),
      acknowledgment: this.#sequence(),
      headerLength: 20,
      flags: random.pick(FLAGS),
      window: random.between(0, 0xffff),
    });
    assert.equal(viewSegment(this.#view, bytes, 0, bytes.length, 'whole'), undefined);
    this.engine.captured(this.#view, this.now_ms);
  }

  #reply(): Reply {
    const { random } = this;
    const syn = random.chance(0.5);
    return {
      ...(this.#route() ?? {
        clientAddress: 1,
        clientPort: 1,
        serverAddress: TEST[random.pick(FAMILIES)],
        serverPort: TEST_PORT,
      }),
      sequence: this.#sequence(),
      acknowledgment: this.#sequence(),
      flags: random.pick([SYN | ACK, SYN | ACK, ...FLAGS]),
      window: random.pick([0, 1, 0xffff, random.between(0, 0xffff)]),
      payloadLength: random.pick([0, 0, 1, 1460, 0xffff_ffff]),
      maximumSegmentSize: syn ? random.pick([undefined, 0, 1, 536, 0xffff]) : undefined,
      windowScale: syn ? random.pick([undefined, 0, 14]) : undefined,
      at_ms: random.pick([NaN, -Infinity, Infinity, this.now_ms, random.between(0, 0xffff)]),
    };
  }

  check(): void {
    const { engine } = this;
    const { counters, sessionCount } = engine;
    const dropped = sumOf(counters, DROPPED);
    assert.equal(counters.segments_captured, counters.segments_used + dropped);
    assert.equal(counters.sessions_started, counters.sessions_completed + givenUpOf(counters) + sessionCount);
    const over = counters.requests_sent + sumOf(counters, GIVEN_UP);
    assert.ok(counters.requests_captured >= over);
    assert.ok(sessionCount <= SESSIONS_MAX);
    assert.ok(this.registered.size <= sessionCount);
    // One segment for each of three copies may exceed it, before the session that holds too much is given up.
    assert.ok(engine.memoryUsed_bytes <= MEMORY_BYTES + 3 * 32_000);
    assert.ok(engine.memoryUsed_bytes >= 0);
  }

  end(): void {
    const { engine } = this;
    engine.shutdown(this.now_ms);
    this.armed = false;
    engine.tick(this.now_ms + 10_000_000);
    assert.equal(engine.sessionCount, 0);
    assert.equal(engine.memoryUsed_bytes, 0);
    assert.equal(engine.nextDeadline_ms(), Infinity);
    assert.equal(this.registered.size, 0);
    const over = engine.counters.requests_sent + sumOf(engine.counters, GIVEN_UP);
    assert.equal(engine.counters.requests_captured, over);
  }
}

const namesOf = (prefix: string): CounterName[] =>
  (Object.keys(newCounters()) as CounterName[]).filter((name) => name.startsWith(prefix));
const DROPPED = namesOf('segments_dropped_');
const GIVEN_UP = namesOf('requests_given_up_');

const sumOf = (counters: Engine['counters'], names: readonly CounterName[]): number =>
  names.reduce((sum, name) => sum + counters[name], 0);

fuzz('engines live through any segments, replies and events', 1500, (random) => {
  const trial = new Trial(random);
  for (let event = 0; event < EVENTS; event += 1) {
    trial.happen();
    trial.check();
  }
  trial.end();
});

/** Draws a world from a seed. Sizes are small and most worlds have few faults, so that thousands of them are played. */
import { SILENCE_MAX_MS } from '../../../../src/guard/watch';
import type { EngineOptions } from '../../../../src/session/contract';
import {
  NO_FAULTS,
  sum,
  type ConnectionPlan,
  type Ending,
  type EventKind,
  type EventPlan,
  type ExchangePlan,
  type Faults,
  type ServerBehaviour,
  type WorldPlan,
} from './plan';
import { ALIKE, drawManner, type Manner } from './manners';
import { Random } from './random';

const ENDINGS: readonly Ending[] = [
  ...([
    'client',
    'client',
    'server',
    'server',
    'reset',
    'client-half',
    'server-half',
    'simultaneous',
  ] as const),
  'vanishes',
];

/** A client's own port, and all others that its copy tries. */
const ALL_TAKEN = [20_000, 44_335, 4158, 28_493];

export function drawPlan(seed: number): WorldPlan {
  const random = new Random(seed ^ 0x5eed);
  const middle = random.chance(0.3);
  const captureStarts_ms = middle ? random.next() * 80 : 0;
  const events = [...drawEvents(random), ...drawBusy(seed)];
  const faults = random.chance(0.3) ? NO_FAULTS : drawFaults(random);
  const options = random.chance(0.5) ? {} : drawOptions(random);
  const manner = random.chance(0.4) ? drawManner(random) : ALIKE;
  const connections = drawTwins(seed, drawConnections(random, middle, manner));
  return {
    seed,
    options,
    faults,
    server: drawServer(random, manner),
    captureStarts_ms,
    armedAt_ms: captureStarts_ms + (random.chance(0.2) ? random.next() * 60 : 0),
    takenPorts: random.chance(0.05) ? random.pick([[20_000, 20_001], ALL_TAKEN]) : [],
    passlist: random.chance(0.03) ? [1] : [],
    events,
    connections,
  };
}

function drawFaults(random: Random): Faults {
  const often = random.pick([0, 0.01, 0.05, 0.2]);
  const share = (chance: number): number => (random.chance(chance) ? often : 0);
  return {
    repeated: share(0.4),
    late: share(0.4),
    recut: share(0.4),
    missed: share(0.1),
    copyLost: share(0.5),
    copyRepeated: share(0.3),
    copyReordered: share(0.3),
    replyLost: share(0.3),
    synAckLost: random.chance(0.1) ? 0.5 : 0,
    controlDelay_ms: random.pick([0.05, 0.3, 2, 20]),
  };
}

const drawServer = (random: Random, manner: Manner): ServerBehaviour => ({
  receiveWindow_bytes: random.pick([65_535, 65_535, 4096, 500_000]),
  slowRead: random.chance(0.1)
    ? { bytes: random.between(500, 8000), every_ms: random.between(1, 30) }
    : undefined,
  windowScale: random.chance(0.7) ? random.between(0, 9) : undefined,
  segment_bytes: random.pick([1460, 1460, 1460, 536]),
  manner,
});

/** Addresses that copies may speak from in place of their clients'. */
const SOURCES = [0xc612_0b01, 0xc612_0b02];

function drawOptions(random: Random): Partial<EngineOptions> {
  return {
    ...(random.chance(0.4) && { copies: random.between(2, 3) }),
    ...(random.chance(0.1) && { waitForAnswers: false }),
    ...(random.chance(0.1) && { wholeConnectionsOnly: true }),
    ...(random.chance(0.1) && { percentage: 50 }),
    ...(random.chance(0.2) && { sourceAddresses: SOURCES.slice(0, random.between(1, 2)) }),
    ...(random.chance(0.1) && { portShift: random.between(1, 1023) }),
    ...(random.chance(0.1) && { sessions_max: random.between(1, 3) }),
    ...(random.chance(0.1) && { memory_bytes: random.between(2000, 40_000) }),
    ...(random.chance(0.1) && { response_ms: random.between(50, 3000) }),
    ...(random.chance(0.1) && { idle_ms: random.between(50, 3000) }),
    ...(random.chance(0.1) && { mtu_bytes: random.pick([576, 1280, 9000]) }),
    ...(random.chance(0.1) && { segment_bytes: random.pick([64, 536, 1400]) }),
    ...(random.chance(0.1) && { lateMax_ms: random.between(50, 3000) }),
  };
}

/** How long each kind of event may last. */
const LASTS_MS: Readonly<Record<DrawnKind, readonly number[]>> = {
  'guard-lost': [1, 30, 200, 1200, 2500],
  'guard-ends': [1, 30, 200, 2000],
  'capture-blind': [1, 20, 200],
  'capture-loses': [5, 50, 500],
  'turn-late': [3, 30, 300],
  'server-dead': [20, 300, 3000, 90_000],
  'server-refuses': [20, 300, 3000, 20_000],
  'server-resets': [20, 300, 3000, 20_000],
  'server-restarts': [0, 10, 300],
  'control-stalls': [20, 300, 1500],
  'control-breaks': [60, 500, 1200, 2500],
  'intercept-restarts': [60, 500, 1200, 2500],
  'clients-gone': [0],
  shutdown: [0],
  'tcpcopy-killed': [0],
};
type DrawnKind = Exclude<EventKind, 'machine-busy' | 'server-stalls'>;
const EVENT_KINDS = Object.keys(LASTS_MS) as DrawnKind[];

/** From a seed of its own, so that all others are drawn as they were: it has worlds of its own as well (`busy.ts`). */
function drawBusy(seed: number): EventPlan[] {
  const random = new Random(seed ^ 0xb0);
  if (!random.chance(0.05)) return [];
  const at_ms = random.next() * random.pick([10, 100, 300, 2000]);
  return [{ kind: 'machine-busy', at_ms, for_ms: random.pick([20, 300, 1500]) * random.next(), late_ms: 0 }];
}

function drawEvents(random: Random): EventPlan[] {
  const count = random.pick([0, 0, 0, 1, 1, 2]);
  return Array.from({ length: count }, (): EventPlan => {
    const kind = random.pick(EVENT_KINDS);
    return {
      kind,
      at_ms: random.next() * random.pick([10, 100, 300, 2000]),
      for_ms: random.pick(LASTS_MS[kind]) * (0.5 + random.next()),
      late_ms: random.chance(0.5) ? 0 : random.next() * SILENCE_MAX_MS,
    };
  });
}

function drawConnections(random: Random, early: boolean, manner: Manner): ConnectionPlan[] {
  const isAlike = manner.kind === 'alike';
  const testEnds = isAlike && random.chance(0.25);
  const greets = random.chance(isAlike ? 0.1 : 0.2) || manner.kind === 'greets';
  const last = new Map<number, number>();
  return Array.from({ length: random.pick([1, 2, 2, 3, 4, 6]) }, (_, index): ConnectionPlan => {
    // Some ports are used again, at times before the copy of their last connection is over.
    const port = 20_000 + (random.chance(0.2) ? 0 : index);
    const client = random.chance(0.2) ? 1 : 0;
    const initialSequence = drawSequence(random, last.get(client * 0x10000 + port));
    last.set(client * 0x10000 + port, initialSequence);
    const ending = random.pick(ENDINGS);
    const exchanges = drawExchanges(random, ending, early, isAlike ? 5 : 16);
    const ends = testEnds && ending !== 'server-half' && exchanges.length > 1 && random.chance(0.7);
    return {
      id: index + 1,
      client,
      port,
      online: 0,
      startsAt_ms: random.next() * 50,
      initialSequence,
      greeting_bytes: greets && random.chance(0.7) ? random.between(1, 200) : 0,
      exchanges,
      ending,
      testEnds: ends
        ? {
            behind: random.between(0, exchanges.length - 2),
            how: random.chance(0.8) ? 'close' : 'reset',
            late_ms: random.chance(0.6) ? 0 : random.next() * random.pick([1, 30]),
          }
        : undefined,
    };
  });
}

const TWIN_SEQUENCES_APART = 0x4000_0000;

/**
 * Clients that speak to two addresses of the online server at a time, from the same port. From a seed of its own, so that all
 * others are drawn as they were.
 */
function drawTwins(seed: number, connections: readonly ConnectionPlan[]): readonly ConnectionPlan[] {
  if (!new Random(seed ^ 0xad).chance(0.1)) return connections;
  return connections.map((connection, index) => {
    if (index % 2 === 0) return connection;
    const { client, port, initialSequence } = connections[index - 1]!;
    return {
      ...connection,
      client,
      port,
      online: 1,
      initialSequence: (initialSequence + TWIN_SEQUENCES_APART) >>> 0,
    };
  });
}

/** Often wraps early; a client's next connection on a port begins well above the last one (RFC 6528). */
function drawSequence(random: Random, before: number | undefined): number {
  if (before !== undefined) return (before + random.between(1_000_000, 500_000_000)) >>> 0;
  return random.chance(0.3) ? (0 - random.between(0, 10_000)) >>> 0 : random.between(0, 0xffffffff);
}

function drawExchanges(random: Random, ending: Ending, early: boolean, most: number): ExchangePlan[] {
  // A reset behind answers of another size cannot be told from one that cuts the last answer off.
  const differs = ending !== 'reset';
  const streams = random.chance(0.15);
  const count = random.between(ending === 'server-half' ? 2 : 0, early ? 7 : most);
  let idle = true;
  return Array.from({ length: count }, (_, index): ExchangePlan => {
    const large = random.chance(0.08);
    const request_bytes = large ? random.between(2000, 30_000) : random.between(1, 900);
    const writes = cut(random, request_bytes);
    const silent = ending === 'server-half' && index === count - 1;
    const waits = !streams && (random.chance(0.8) || (ending === 'server-half' && index >= count - 2));
    const exchange: ExchangePlan = {
      writes,
      // While an answer is under way, a pause within a request could not be told from the beginning of another.
      writeGap_ms: idle && random.chance(0.3) ? random.next() * 10 : 0,
      response_bytes: silent
        ? 0
        : random.chance(0.1)
          ? random.between(2000, 30_000)
          : random.between(1, 1400),
      parts: random.chance(0.1) ? random.between(2, 4) : 1,
      testDiffers_bytes: differs && random.chance(0.15) ? random.between(-50, 50) : 0,
      onlineThinks_ms: random.chance(0.1) ? random.between(5, 80) : random.next(),
      testThinks_ms: random.chance(0.1) ? random.between(5, 200) : random.next(),
      waits,
      pause_ms: drawPause(random, streams),
      acknowledges: random.chance(0.7),
    };
    idle = waits && !silent;
    return exchange;
  });
}

function drawPause(random: Random, streams: boolean): number {
  if (random.chance(0.03)) return random.between(1000, 4000);
  if (random.chance(streams ? 0.6 : 0.2)) return random.next() * random.pick([3, 30, 300]);
  return random.next();
}

function cut(random: Random, total_bytes: number): number[] {
  const pieces: number[] = [];
  while (sum(pieces) < total_bytes) {
    const left_bytes = total_bytes - sum(pieces);
    // Capture sees super-packets larger than the path's segments.
    const wanted = random.chance(0.3) ? random.between(1, 300) : random.between(1000, 30_000);
    pieces.push(pieces.length === 5 ? left_bytes : Math.min(left_bytes, wanted));
  }
  return pieces;
}

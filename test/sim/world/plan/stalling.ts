/** Worlds whose test server stalls again and again, answers in another size, and closes connections behind a few answers. */
import { drawPlan } from './draw';
import { NO_FAULTS, type EventPlan, type WorldPlan } from './plan';
import { Random } from './random';

const EXCHANGES = 24;
const STALLS = 12;
const WITHIN_MS = 4000;
/** The last request follows when all before it is over: whether a server closed for its client's end, nobody can see. */
const LAST_AFTER_MS = 9000;

/** Clients ask and read in turn; what the test server has not read when it closes is lost. */
export function stallingPlan(seed: number): WorldPlan {
  const plan = drawPlan(seed);
  const random = new Random(seed ^ 0x57a11);
  const differs_bytes = random.pick([0, -40, 700, 900]);
  const sendBuffer_bytes = differs_bytes > 700 ? random.between(1500, 6000) : undefined;
  const connections = plan.connections.map((one, index) => ({
    ...one,
    port: 20_000 + index,
    greeting_bytes: 0,
    testEnds: undefined,
    ending: 'client' as const,
    exchanges: Array.from({ length: EXCHANGES }, (_, place) => ({
      writes: [random.between(1, 1400)],
      writeGap_ms: 0,
      response_bytes: random.between(50, 1400),
      parts: 1,
      testDiffers_bytes: differs_bytes,
      onlineThinks_ms: random.next(),
      testThinks_ms: random.next(),
      waits: true,
      pause_ms: place === EXCHANGES - 2 ? LAST_AFTER_MS : random.next() * random.pick([1, 30, 300]),
      acknowledges: random.chance(0.7),
    })),
  }));
  const events = Array.from({ length: STALLS }, (): EventPlan => ({
    kind: 'server-stalls',
    at_ms: random.next() * WITHIN_MS,
    for_ms: random.next() * random.pick([30, 300, 1000]),
    late_ms: 0,
  }));
  return {
    ...plan,
    options: {},
    faults: NO_FAULTS,
    server: {
      ...plan.server,
      manner: {
        kind: 'closes',
        behind: random.between(2, 12),
        late_ms: random.pick([0, 0, 1]),
        then: 'discards',
      },
      slowRead: undefined,
      oneByOne: true,
      sendBuffer_bytes,
    },
    captureStarts_ms: 0,
    armedAt_ms: 0,
    takenPorts: [],
    passlist: [],
    connections,
    events,
  };
}

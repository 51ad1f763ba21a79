/** Worlds in which there is never room for long, and engines that make room wrongly. */
import type { Admission } from '../../../src/session/tables/admission';
import { Engine } from '../../../src/session/engine';
import type { BucketState } from '../../../src/wire/bucket';
import { drawPlan } from './draw';
import type { EventPlan, ExchangePlan, WorldPlan } from './plan';
import { Random } from './random';
import type { MakeEngine } from './world';

/** The drawn world, in which the machine is busy again and again, and little else happens. */
export function busyPlan(seed: number): WorldPlan {
  const plan = drawPlan(seed);
  const random = new Random(seed ^ 0xb5);
  const events = Array.from({ length: random.between(1, 5) }, (): EventPlan => ({
    kind: 'machine-busy',
    at_ms: random.next() * random.pick([3, 30, 300, 2000]),
    for_ms: random.next() * random.pick([3, 30, 300, 2000, 2000]),
    late_ms: 0,
  }));
  const connections = random.chance(0.5)
    ? plan.connections.map((one) => ({
        ...one,
        exchanges: one.exchanges.map((each) => slowly(random, each)),
      }))
    : plan.connections;
  return { ...plan, events, connections, takenPorts: [], passlist: [] };
}

/** A client that takes its time between requests, and within those that come in pieces. */
const slowly = (random: Random, exchange: ExchangePlan): ExchangePlan => ({
  ...exchange,
  writeGap_ms: exchange.writeGap_ms * random.pick([1, 30, 60]),
  pause_ms: exchange.waits ? random.next() * 1500 : exchange.pause_ms,
});

/** An engine with another admission; what is not changed is the engine's own. */
const admitting =
  (change: (admission: Admission) => Partial<Admission>): MakeEngine =>
  (options, outputs) => {
    const engine = new Engine(options, outputs);
    Object.assign(engine.admission, change(engine.admission));
    return engine;
  };

export const KNOWN_BAD_ADMISSIONS: Readonly<Record<string, MakeEngine>> = {
  'closes buckets in which copies live': admitting((admission) => {
    const states = admission.states.bind(admission);
    return {
      states: () => states().map((state): BucketState => (state === 'closing' ? 'closed' : state)),
    };
  }),
  'opens buckets while segments wait': admitting((admission) => {
    const limit = admission.limit.bind(admission);
    return {
      limit: (room, now_ms) => {
        limit(room, now_ms);
        admission.caughtUp(now_ms);
      },
    };
  }),
  'begins copies of what it leaves out': admitting(() => ({ isOpen: () => true })),
  'takes what it did not look at for silence': admitting(() => ({ openedAt_ms: () => -Infinity })),
};

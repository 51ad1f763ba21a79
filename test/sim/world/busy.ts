/** Worlds in which there is never room for long, and engines that go wrong for want of it. */
import type { Admission } from '../../../src/session/tables/admission';
import type { DropReason } from '../../../src/session/tables/counters';
import { Engine } from '../../../src/session/engine';
import type { BucketState } from '../../../src/wire/tables/bucket';
import { endpointKey } from '../../../src/wire/flow';
import type { SegmentView } from '../../../src/wire/segment';
import { drawPlan } from './plan/draw';
import type { EventKind, EventPlan, ExchangePlan, WorldPlan } from './plan/plan';
import { Random } from './plan/random';
import type { MakeEngine } from './world';

/** The drawn world, in which the machine is busy again and again, turns come late, and in some segments are lost. */
export function busyPlan(seed: number): WorldPlan {
  const plan = drawPlan(seed);
  const random = new Random(seed ^ 0xb5);
  const times = (count: number, kind: EventKind): EventPlan[] =>
    Array.from({ length: count }, () => ({
      kind,
      at_ms: random.next() * random.pick([3, 30, 300, 2000]),
      for_ms: random.next() * random.pick([3, 30, 300, 2000, 2000]),
      late_ms: 0,
    }));
  const events = [
    ...times(random.between(1, 5), 'machine-busy'),
    ...times(random.pick([0, 0, 0, 1, 2]), 'turn-late'),
    ...times(random.pick([0, 0, 0, 1, 2]), 'capture-loses'),
  ];
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

/** Drops what it has no room for at once, wherever the connection stands. */
class LeavesSegmentsOut extends Engine {
  override captured(view: SegmentView, now_ms: number): DropReason | undefined {
    const { admission, counters } = this;
    if (admission.isOpen(endpointKey(view.source, view.sourcePort))) return super.captured(view, now_ms);
    counters.segments_captured += 1;
    counters['segments_dropped_left-out'] += 1;
    return 'left-out';
  }
}

/** Waits for the ends of all clients, lost or not. */
class DoubtsNobody extends Engine {
  override lossReported(): void {
    // Who is silent may say something yet.
  }
}

export const KNOWN_BAD_WHEN_BUSY: Readonly<Record<string, MakeEngine>> = {
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
  'leaves segments out in the middle of a connection': (options, outputs) =>
    new LeavesSegmentsOut(options, outputs),
  'never ends a copy whose client ended while segments were lost': (options, outputs) =>
    new DoubtsNobody(options, outputs),
};

/** Worlds whose test server accepts connections for a while only to reset them, sooner or later. */
import type { Reply } from '../../../../src/wire/reply';
import { Engine } from '../../../../src/session/engine';
import { RST } from '../../../../src/wire/tcp';
import { drawPlan } from './draw';
import { ALIKE } from './manners';
import { NO_FAULTS, type WorldPlan } from './plan';
import { Random } from './random';

const EXCHANGES_MIN = 12;

/** Clients ask and read in turn, often enough to lose a request with each connection. */
export function resettingPlan(seed: number): WorldPlan {
  const plan = drawPlan(seed);
  const random = new Random(seed ^ 0x2e5e7);
  const connections = plan.connections
    .filter(({ exchanges }) => exchanges.length > 0)
    .map((one) => ({
      ...one,
      greeting_bytes: 0,
      testEnds: undefined,
      ending: 'client' as const,
      exchanges: Array.from({ length: EXCHANGES_MIN }, (_, index) => ({
        ...one.exchanges[index % one.exchanges.length]!,
        writes: [random.between(1, 1500)],
        response_bytes: random.between(1, 3000),
        parts: 1,
        testDiffers_bytes: 0,
        testThinks_ms: random.next() * 3,
        waits: true,
        pause_ms: random.next() * 40,
      })),
    }));
  return {
    ...plan,
    options: {},
    faults: NO_FAULTS,
    server: { ...plan.server, manner: ALIKE, slowRead: undefined },
    captureStarts_ms: 0,
    armedAt_ms: 0,
    takenPorts: [],
    passlist: [],
    connections,
    events: [
      {
        kind: 'server-resets',
        at_ms: random.next() * 100,
        for_ms: 500 + random.next() * 3000,
        late_ms: random.chance(0.3) ? 0 : random.next() * 100,
      },
    ],
  };
}

const LATE_MS = 300;

/** It has spoken before it hears of the reset, however long it waits. */
export class HearsResetsLate extends Engine {
  #resets: Reply[] = [];
  #at_ms = Infinity;

  override repliesCame(replies: readonly Reply[], now_ms: number, clockAhead_ms: number): void {
    const resets = replies.filter(({ flags }) => flags & RST);
    if (resets.length > 0) this.#at_ms = Math.min(this.#at_ms, now_ms + LATE_MS);
    this.#resets.push(...resets);
    super.repliesCame(
      replies.filter(({ flags }) => !(flags & RST)),
      now_ms,
      clockAhead_ms,
    );
  }

  override tick(now_ms: number): void {
    if (now_ms >= this.#at_ms) {
      const resets = this.#resets;
      this.#resets = [];
      this.#at_ms = Infinity;
      super.repliesCame(resets, now_ms);
    }
    super.tick(now_ms);
  }

  override nextDeadline_ms(): number {
    return Math.min(this.#at_ms, super.nextDeadline_ms());
  }
}

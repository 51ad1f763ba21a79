/** The parts of a copy, started in every order. */
import type { Part } from '../stage/parts';
import { defineScenario, type Architecture, type Scenario } from '../stage/scenario';
import { everyOrder } from './every-order';
import { RESUMPTION_MS } from './limits';
import { nameOf } from './part-names';

/** Between two parts, as with a person who types them; the load runs on. */
const BETWEEN_MS = 700;

export const startOrders: readonly Scenario[] = everyOrder('start', startOrder);

function startOrder(prefix: string, architecture: Architecture, order: readonly Part[]): Scenario {
  const words = order.map((part) => nameOf(architecture, part));
  return defineScenario({
    name: [prefix, ...words].join('-'),
    title: `the copy is started in the order ${words.join(', ')}`,
    teaches:
      'No order of starting lets a frame out: tcpcopy waits until the guard is proven, and then begins by itself.',
    architecture,
    expect: { copyingAfterwards: true, missing: 'while-away', resumesWithin_ms: RESUMPTION_MS },
    async play(stage) {
      // Where intercept puts the rule there itself, this is what it needs for its proof: over IPv6 a route.
      if (!order.includes('guard')) await stage.start('guard');
      for (const part of order.slice(0, -1)) {
        await stage.start(part);
        await stage.wait(BETWEEN_MS);
      }
      await stage.restore(() => stage.start(order.at(-1)!));
    },
  });
}

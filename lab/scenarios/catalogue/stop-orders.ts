/** The parts of a copy, stopped in every order while it copies; last of all what stands behind its guard. */
import type { Part } from '../stage/parts';
import { defineScenario, type Architecture, type Scenario } from '../stage/scenario';
import { everyOrder } from './every-order';
import { DETECTION_MS } from './limits';
import { nameOf } from './part-names';

const BETWEEN_MS = 400;

export const stopOrders: readonly Scenario[] = everyOrder('stop', stopOrder);

function stopOrder(prefix: string, architecture: Architecture, order: readonly Part[]): Scenario {
  const words = order.map((part) => nameOf(architecture, part));
  const before = (part: Part, other: Part): boolean =>
    order.includes(part) && order.indexOf(part) < order.indexOf(other);
  // What is in flight then only the net catches.
  const bare = before('guard', 'tcpcopy') && before('guard', 'intercept');
  return defineScenario({
    name: [prefix, ...words].join('-'),
    title: `the copy is stopped in the order ${words.join(', ')}`,
    teaches: bare
      ? 'A guard that is taken away while copying stops the copy; what is in flight is caught behind it.'
      : 'What stops first stops the copy: nothing is sent that nobody would catch, and no connection is left behind.',
    architecture,
    copying: {},
    expect: {
      copyingAfterwards: false,
      missing: 'while-away',
      ...(bare && { detectsWithin_ms: DETECTION_MS }),
    },
    async play(stage) {
      // Whoever puts the rule there itself has a net of its own behind it.
      const hasNet = !order.includes('guard');
      if (!hasNet) await stage.spreadNet();
      await stage.wait(stage.random.between(300, 900));
      for (const part of order) {
        if (part === 'guard' && bare) await stage.lose(() => stage.stop(part));
        else await stage.stop(part);
        await stage.wait(BETWEEN_MS);
      }
      if (!hasNet) await stage.takeNetAway();
    },
  });
}

import { Engine } from '../../src/session/engine';
import { doubtInWorlds } from './world/expect-worlds';
import { playPlan } from './world/play';
import { stallingPlan } from './world/plan/stalling';
import type { MakeEngine } from './world/world';

/** So many times more than it must may be told to be in doubt. */
const OVERTOLD_MAX = 1.5;
const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

describe('while a test server stalls again and again, and closes', () => {
  test('what it did not read is told to be in doubt', () => {
    const { doubtful, unread } = doubtInWorlds(stallingPlan, SEEDS);
    expect(unread).toBeGreaterThan(0);
    expect(doubtful).toBeLessThan(unread * OVERTOLD_MAX);
  });

  test('an engine is found that keeps half of it to itself', () => {
    let told = 0;
    const makeEngine: MakeEngine = (options, outputs) =>
      new Engine(options, {
        ...outputs,
        doubtful: (requests) => {
          told += 1;
          if (told % 2 === 0) outputs.doubtful?.(requests);
        },
      });
    const complaints = SEEDS.slice(0, 20).flatMap(
      (seed) => playPlan(stallingPlan(seed), { makeEngine }).violations,
    );
    expect(complaints).toContainEqual(expect.stringMatching(/was heard 0 times/));
  });
});

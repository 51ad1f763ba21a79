import { Engine } from '../../src/session/engine';
import { doubtfulInWorlds } from './world/expect-worlds';
import { pipeliningPlan } from './world/plan/pipelining';
import { playPlan } from './world/play';
import type { MakeEngine } from './world/world';

const SEEDS = Array.from({ length: 150 }, (_, index) => index + 1);

describe('while clients pipeline to a test server that closes in the middle', () => {
  test('what it did not read is told to be in doubt', () => {
    expect(doubtfulInWorlds(pipeliningPlan, SEEDS)).toBeGreaterThan(0);
  });

  test('an engine is found that takes any answer for the answer to all of it', () => {
    const makeEngine: MakeEngine = (options, outputs) =>
      new Engine(options, {
        ...outputs,
        doubtful: (requests) => {
          if (requests.count === 1) outputs.doubtful?.(requests);
        },
      });
    const complaints = SEEDS.slice(0, 20).flatMap(
      (seed) => playPlan(pipeliningPlan(seed), { makeEngine }).violations,
    );
    expect(complaints).toContainEqual(expect.stringMatching(/was heard 0 times/));
  });
});

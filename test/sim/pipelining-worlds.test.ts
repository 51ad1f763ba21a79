import { Engine } from '../../src/session/engine';
import { describeFailure } from './world/failure';
import { pipeliningPlan } from './world/plan/pipelining';
import { playPlan } from './world/play';
import type { MakeEngine } from './world/world';

const SEEDS = Array.from({ length: 150 }, (_, index) => index + 1);

describe('while clients pipeline to a test server that closes in the middle', () => {
  test('what it did not read is told to be in doubt', () => {
    let doubtful = 0;
    for (const seed of SEEDS) {
      const report = playPlan(pipeliningPlan(seed));
      if (report.violations.length > 0) throw new Error(describeFailure(report));
      doubtful += report.counters.requests_doubtful;
    }
    expect(doubtful).toBeGreaterThan(0);
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

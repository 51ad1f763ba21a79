import { Engine } from '../../src/session/engine';
import { doubtInWorlds } from './world/expect-worlds';
import { pipeliningPlan, type Otherwise } from './world/plan/pipelining';
import { playPlan } from './world/play';
import type { MakeEngine } from './world/world';

/** So many times more than it must may be told to be in doubt. */
const OVERTOLD_MAX = 2.5;
const seedsTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

const otherwise: Readonly<Record<string, Otherwise>> = {
  'as long as online': {},
  'as long as online, in three writes each': { parts: 3 },
  'a little shorter': { differs_bytes: -40 },
  'much shorter': { differs_bytes: -1300 },
  longer: { differs_bytes: 700 },
  'as long as online, where nothing waits for them': { waitForAnswers: false },
  'shorter, where nothing waits for them': { differs_bytes: -40, waitForAnswers: false },
};

describe('while clients pipeline to a test server that closes in the middle', () => {
  test.each(Object.entries(otherwise))(
    'what it did not read is told to be in doubt: answers are %s',
    (_, how) => {
      const { doubtful, unread } = doubtInWorlds((seed) => pipeliningPlan(seed, how), seedsTo(60));
      expect(doubtful).toBeGreaterThanOrEqual(unread);
      expect(doubtful).toBeLessThan(unread * OVERTOLD_MAX);
    },
  );

  test('an engine is found that takes any answer for the answer to all of it', () => {
    const makeEngine: MakeEngine = (options, outputs) =>
      new Engine(options, {
        ...outputs,
        doubtful: (requests) => {
          if (requests.count === 1) outputs.doubtful?.(requests);
        },
      });
    const complaints = seedsTo(20).flatMap(
      (seed) => playPlan(pipeliningPlan(seed), { makeEngine }).violations,
    );
    expect(complaints).toContainEqual(expect.stringMatching(/was heard 0 times/));
  });

  test('an engine is found that tells one request, however many writes are in doubt', () => {
    let [told, unread] = [0, 0];
    const makeEngine: MakeEngine = (options, outputs) =>
      new Engine(options, {
        ...outputs,
        doubtful: (requests) => {
          told += 1;
          outputs.doubtful?.(requests);
        },
      });
    for (const seed of seedsTo(20)) unread += playPlan(pipeliningPlan(seed), { makeEngine }).unread;
    expect(told).toBeLessThan(unread);
  });
});

import { describeFailure } from './world/failure';
import { ownPlan } from './world/own';
import { play, playPlan } from './world/play';
import { KNOWN_BAD_WHEN_SHARED, shared, unshared } from './world/shared';

const SEEDS = Number(process.env['SIM_SHARED_SEEDS'] ?? 1000);
const FIRST_SEED = Number(process.env['SIM_SHARED_FIRST_SEED'] ?? 1);
const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

const KNOWN_BAD_SEEDS = seedsFrom(1, 200);

describe('with two workers, which have a share of the connections each,', () => {
  test('copies are exact, whatever happens', () => {
    for (const seed of seedsFrom(FIRST_SEED, SEEDS)) {
      const report = play(seed, { makeEngine: shared });
      if (report.violations.length > 0) throw new Error(describeFailure(report, { makeEngine: shared }));
    }
  });

  test('so they are under an address of the online server, of which each has ports of its own', () => {
    for (const seed of seedsFrom(FIRST_SEED, SEEDS / 2)) {
      const report = playPlan(ownPlan(seed), { makeEngine: shared });
      if (report.violations.length > 0) throw new Error(describeFailure(report, { makeEngine: shared }));
    }
  });

  test.each(Object.entries(KNOWN_BAD_WHEN_SHARED))(
    'it is found when they are shared out %s',
    (_, makeEngine) => {
      expect(KNOWN_BAD_SEEDS.some((seed) => play(seed, { makeEngine }).violations.length > 0)).toBe(true);
    },
  );

  test('it is found when both take any port', () => {
    const complains = (seed: number): boolean =>
      playPlan(ownPlan(seed), { makeEngine: unshared }).violations.length > 0;
    expect(KNOWN_BAD_SEEDS.some(complains)).toBe(true);
  });
});

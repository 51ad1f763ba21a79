import { busyPlan, KNOWN_BAD_WHEN_BUSY } from './world/busy';
import { describeFailure } from './world/failure';
import { playPlan } from './world/play';

const SEEDS = Number(process.env['SIM_BUSY_SEEDS'] ?? 400);
const FIRST_SEED = Number(process.env['SIM_BUSY_FIRST_SEED'] ?? 1);
const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** Worlds that each bad engine is given; what it takes to see the rarest of them. */
const KNOWN_BAD_SEEDS = seedsFrom(1, 2000);

describe('while the machine is busy again and again', () => {
  test('no connection is cut in a request, and those that are left out are counted', () => {
    let ended = 0;
    let joined = 0;
    for (const seed of seedsFrom(FIRST_SEED, SEEDS)) {
      const report = playPlan(busyPlan(seed));
      if (report.violations.length > 0) throw new Error(describeFailure(report));
      ended += report.counters['sessions_given_up_left-out'];
      joined += report.counters.sessions_joined;
    }
    expect(ended).toBeGreaterThan(SEEDS / 20);
    expect(joined).toBeGreaterThan(SEEDS / 10);
  });

  test.each(Object.entries(KNOWN_BAD_WHEN_BUSY))('an engine is found that %s', (_, makeEngine) => {
    const violates = (seed: number): boolean =>
      playPlan(busyPlan(seed), { makeEngine }).violations.length > 0;
    expect(KNOWN_BAD_SEEDS.some(violates)).toBe(true);
  });
});

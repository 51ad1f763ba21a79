import { describeFailure } from './world/failure';
import { KNOWN_BAD_WITH_OWN, ownPlan } from './world/own';
import { playPlan } from './world/play';

const SEEDS = Number(process.env['SIM_OWN_SEEDS'] ?? 600);
const FIRST_SEED = Number(process.env['SIM_OWN_FIRST_SEED'] ?? 1);
const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** Worlds that each bad part is given; what it takes to see the rarest of them. */
const KNOWN_BAD_SEEDS = seedsFrom(1, 600);

describe('under an address of the online server', () => {
  test('copies are exact, from ports that are theirs, and its own programs are left in peace', () => {
    let held = 0;
    for (const seed of seedsFrom(FIRST_SEED, SEEDS)) {
      const report = playPlan(ownPlan(seed));
      if (report.violations.length > 0) throw new Error(describeFailure(report));
      held += report.counters.source_ports_held;
    }
    expect(held).toBeGreaterThan(SEEDS / 4);
  });

  test.each(Object.entries(KNOWN_BAD_WITH_OWN))('%s is found', (_, { complains, ...makes }) => {
    const complaints = (seed: number): readonly string[] => playPlan(ownPlan(seed), makes).violations;
    expect(KNOWN_BAD_SEEDS.some((seed) => complaints(seed).some((one) => complains.test(one)))).toBe(true);
  });
});

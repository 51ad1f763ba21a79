import { play } from './world/play';

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 10_000);
const FIRST_SEED = Number(process.env['SIM_FIRST_SEED'] ?? 1);

describe('in a simulated network', () => {
  test('every client is heard exactly once and in order when nothing goes wrong', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 200; seed += 1) {
      const report = play(seed, { faultless: true });
      expect({ seed, violations: report.violations }).toEqual({ seed, violations: [] });
      expect({ seed, completed: report.counters.sessions_completed }).toEqual({
        seed,
        completed: report.connections,
      });
    }
  });

  test('every client is heard exactly once and in order, or given up for a reason, whatever goes wrong', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const report = play(seed);
      expect({ seed, violations: report.violations }).toEqual({ seed, violations: [] });
    }
  });
});

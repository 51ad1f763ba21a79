/** The same test for several files, which Jest runs side by side: each takes every n-th seed. */
import { describeFailure } from './failure';
import type { WorldPlan } from './plan/plan';
import { play, playPlan } from './play';

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 4_000);
const FIRST_SEED = Number(process.env['SIM_FIRST_SEED'] ?? 1);

export function expectWorldsToHold(part: number, parts: number): void {
  const played = Math.ceil((SEEDS - part) / parts);
  test(`${played} worlds hold what is promised`, () => {
    for (let seed = FIRST_SEED + part; seed < FIRST_SEED + SEEDS; seed += parts) {
      const report = play(seed);
      if (report.violations.length > 0) throw new Error(describeFailure(report));
    }
  });
}

export interface Doubt {
  /** Requests that were told to be in doubt, of all worlds. */
  readonly doubtful: number;
  /** Requests of which the test server read nothing. */
  readonly unread: number;
}

export function doubtInWorlds(planOf: (seed: number) => WorldPlan, seeds: readonly number[]): Doubt {
  let [doubtful, unread] = [0, 0];
  for (const seed of seeds) {
    const report = playPlan(planOf(seed));
    if (report.violations.length > 0) throw new Error(describeFailure(report));
    doubtful += report.counters.requests_doubtful;
    unread += report.unread;
  }
  return { doubtful, unread };
}

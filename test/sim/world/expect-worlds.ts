/** What worlds that are played one after the other must hold, and what they meet. */
import { newCounters, type CounterName } from '../../../src/session/tables/counters';
import { describeFailure } from './failure';
import type { WorldPlan } from './plan/plan';
import { play, playPlan } from './play';

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 2_000);
const FIRST_SEED = Number(process.env['SIM_FIRST_SEED'] ?? 1);

/** What worlds have met. */
export interface Met {
  /** Of all of them. */
  readonly counters: Readonly<Record<CounterName, number>>;
  /** Of events that happened in them. */
  readonly kinds: ReadonlySet<string>;
  /** Of their test servers. */
  readonly manners: ReadonlySet<string>;
}

/** @returns what they have met, once they are played */
export function expectWorldsToHold(): Met {
  const met = {
    counters: newCounters(),
    kinds: new Set<string>(),
    manners: new Set<string>(),
  };
  const names = Object.keys(met.counters) as CounterName[];
  test(`${SEEDS} worlds hold what is promised`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const report = play(seed);
      if (report.violations.length > 0) throw new Error(describeFailure(report));
      for (const name of names) met.counters[name] += report.counters[name];
      for (const { kind } of report.plan.events) met.kinds.add(kind);
      met.manners.add(report.plan.server.manner.kind);
    }
  });
  return met;
}

export interface Doubt {
  /** Requests that were told to be in doubt, of all worlds. */
  readonly doubtful: number;
  /** Requests of which the test server read nothing, and such of them as were not told to be in doubt. */
  readonly unread: number;
  readonly untold: number;
  /** Connections that the test server ended. */
  readonly ended: number;
}

/** @param untoldMax so many requests in all may be lost without a word */
export function doubtInWorlds(
  planOf: (seed: number) => WorldPlan,
  seeds: readonly number[],
  untoldMax = 0,
): Doubt {
  let [doubtful, unread, untold, ended] = [0, 0, 0, 0];
  for (const seed of seeds) {
    const report = playPlan(planOf(seed));
    untold += report.untold;
    if (untold > untoldMax || report.violations.length > report.untold)
      throw new Error(describeFailure(report));
    const { requests_doubtful, connections_closed_by_test, connections_reset_by_test } = report.counters;
    doubtful += requests_doubtful;
    unread += report.unread;
    ended += connections_closed_by_test + connections_reset_by_test;
  }
  return { doubtful, unread, untold, ended };
}

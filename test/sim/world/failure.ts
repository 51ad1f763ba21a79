/** What a person needs of a world that failed: the smallest one that fails in the same way, and how to replay it. */
import type { WorldPlan } from './plan/plan';
import { playPlan, type PlayOptions, type WorldReport } from './play';
import { shrink } from './plan/shrink';

/** The same failure: numbers do not count. */
const kindOf = (violation: string): string => violation.split('\n')[0]!.replaceAll(/\d+/g, 'n');

export function smallestLike(report: WorldReport, options: PlayOptions = {}): WorldPlan {
  const kind = kindOf(report.violations[0]!);
  const fails = (plan: WorldPlan): boolean =>
    playPlan(plan, options).violations.some((violation) => kindOf(violation) === kind);
  return shrink(report.plan, fails);
}

export function describeFailure(report: WorldReport, options: PlayOptions = {}): string {
  const smallest = smallestLike(report, options);
  return [
    `seed ${report.plan.seed}: ${report.violations.join('\n  ')}`,
    `the smallest world that fails like this: ${JSON.stringify(smallest)}`,
    `replay it with a trace:  npm run sim -- ${report.plan.seed} --smallest   (without --smallest: the whole world)`,
  ].join('\n');
}

/** What tcpcopy counted of losses. */
import { growthOf, type ProgramCounters } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';

/** A sentence that names counters whose growth means that something was not copied; empty when there is none. */
export function lossesOf({ before, after }: Moments<ProgramCounters>): string {
  const losses = Object.entries(growthOf(before, after)).filter(
    ([name]) =>
      /dropped|given_up|left_out|refused|failed|rejected/.test(name) &&
      !/_(?:repeated|after-close)$/.test(name),
  );
  if (losses.length === 0) return '';
  return ` tcpcopy counted ${losses.map(([name, count]) => `${name} ${count}`).join(', ')}.`;
}

/** What the ledger shows, in sentences. */
import { growthOf, type ProgramCounters } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';
import { counted, type Finding, type FindingCode } from './finding';
import type { Deviation, Ledger } from '../ledger/ledger';
import type { Scene } from '../evidence/scene';

const EXAMPLES_MAX = 3;

const sentences: Record<Deviation, { code: FindingCode; tell: (count: string, server: string) => string }> = {
  missing: {
    code: 'requests-missing',
    tell: (count, server) => `${count} that the online server got never reached ${server}`,
  },
  duplicated: {
    code: 'requests-duplicated',
    tell: (count, server) => `${server} got ${count} more than once`,
  },
  altered: {
    code: 'requests-altered',
    tell: (count, server) => `${count} reached ${server} with other bytes than were sent`,
  },
  reordered: {
    code: 'order-changed',
    tell: (count, server) =>
      `${count} reached ${server} in another order or connection than they were sent in`,
  },
  unexpected: {
    code: 'requests-unexpected',
    tell: (count, server) => `${server} got ${count} of this run that nobody sent`,
  },
};

/** @param tcpcopy its counters, which often name the reason why a request is missing */
export function findInLedger(ledger: Ledger, scene: Scene, tcpcopy: Moments<ProgramCounters>): Finding[] {
  const server = `${scene.test.name}:${scene.test.port}`;
  return (Object.keys(sentences) as Deviation[])
    .filter((deviation) => ledger.counts[deviation] > 0)
    .map((deviation) => {
      const { code, tell } = sentences[deviation];
      const identities = ledger.identities[deviation];
      const some = identities.slice(0, EXAMPLES_MAX).join(', ');
      const more = identities.length > EXAMPLES_MAX ? ', …' : '';
      const reasons = deviation === 'missing' ? lossesOf(tcpcopy) : '';
      return {
        code,
        message: `${tell(counted(identities.length, 'request'), server)}: ${some}${more}.${reasons}`,
      };
    });
}

/** Counters whose growth means that something was not copied. */
function lossesOf({ before, after }: Moments<ProgramCounters>): string {
  const losses = Object.entries(growthOf(before, after)).filter(
    ([name]) => /dropped|given_up|failed|rejected/.test(name) && !/_(?:repeated|after-close)$/.test(name),
  );
  if (losses.length === 0) return '';
  return ` tcpcopy counted ${losses.map(([name, count]) => `${name} ${count}`).join(', ')}.`;
}

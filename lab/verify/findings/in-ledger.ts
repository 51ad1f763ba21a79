/** What the ledger shows, in sentences. */
import type { ProgramCounters } from '../evidence/copy-state';
import type { Moments } from '../evidence/evidence';
import { counted, type Finding, type FindingCode } from './finding';
import type { Deviation, Ledger } from '../ledger/ledger';
import type { LeftOut } from '../ledger/left-out';
import type { Scene } from '../evidence/scene';
import { lossesOf } from './losses';

const EXAMPLES_MAX = 3;

/** What is in doubt may have been carried out: it is a note. */
type Failing = Exclude<Deviation, 'doubtful'>;

const sentences: Record<Failing, { code: FindingCode; tell: (count: string, server: string) => string }> = {
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

/**
 * @param tcpcopy its counters, which often name the reason why a request is missing
 * @param left all that is missing, if there was no room for it
 */
export function findInLedger(
  ledger: Ledger,
  scene: Scene,
  tcpcopy: Moments<ProgramCounters>,
  left?: LeftOut,
): Finding[] {
  const server = `${scene.test.name}:${scene.test.port}`;
  return (Object.keys(sentences) as Failing[])
    .filter((deviation) => ledger.counts[deviation] > 0 && !(deviation === 'missing' && left))
    .map((deviation) => {
      const { code, tell } = sentences[deviation];
      const identities = ledger.identities[deviation];
      const reasons = deviation === 'missing' ? lossesOf(tcpcopy) : '';
      return {
        code,
        message: `${tell(counted(identities.length, 'request'), server)}: ${some(identities)}.${reasons}`,
      };
    });
}

/** What may have been carried out, or not: only the test server knows. */
export function notesInLedger({ inDoubt, identities }: Ledger, scene: Scene): Finding[] {
  const { told, named, arrived } = inDoubt;
  if (told === 0) return [];
  const server = `${scene.test.name}:${scene.test.port}`;
  const lost = identities.doubtful.length;
  const are = told === 1 ? 'is' : 'are';
  return [
    {
      code: 'requests-doubtful',
      message:
        `${counted(told, 'request')} ${are} in doubt: ${server} ended the connection before it answered` +
        `${named.length === 0 ? '' : `, ${some(named)}`}. ${becameOf(told, arrived.length, lost)}`,
      mend: `the log of ${scene.test.name}'s server tells what it carried out; tcpcopy --repeat-doubtful sends such requests again`,
    },
  ];
}

function becameOf(told: number, arrived: number, lost: number): string {
  if (arrived + lost === told) return `${arrived} of them arrived, ${lost} did not.`;
  const are = counted(arrived + lost, 'request');
  return `They are ${are}, as what a client wrote in several pieces may count as several: ${arrived} arrived, ${lost} did not.`;
}

const some = (identities: readonly string[]): string =>
  `${identities.slice(0, EXAMPLES_MAX).join(', ')}${identities.length > EXAMPLES_MAX ? ', …' : ''}`;

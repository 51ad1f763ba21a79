/** What keeps the guard from being proven where nothing else is seen to be wrong: in the words of intercept. */
import type { GuardSaid } from '../evidence/guard-log';
import type { Scene } from '../evidence/scene';
import type { Finding } from './finding';

export function findInProof({ online, test, assistants }: Scene, said: GuardSaid | undefined): Finding[] {
  if (said?.level !== 'disarmed' || said.reasons.length === 0) return [];
  const where = assistants.length > 0 ? assistants.map(({ name }) => name).join(', ') : test.name;
  return [
    {
      code: 'guard-not-proven',
      message: `The guard on ${where} is not proven, so that tcpcopy on ${online.name} sends nothing: ${said.reasons.join('; ')}`,
      mend: `what it says, on ${where}; ./bin/lab doctor asks both programs' doctors`,
    },
  ];
}

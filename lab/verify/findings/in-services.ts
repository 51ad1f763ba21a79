/** Whether the user's services still run behind the load. */
import type { EndedServer } from '../evidence/evidence';
import type { Finding } from './finding';

export const findInServices = (ended: readonly EndedServer[]): Finding[] =>
  ended.map(({ node, how }) => ({
    code: 'service-ended',
    message: `${how}.`,
    mend: `lab logs ${node} has all that it said; a server has to outlive clients that break off. Then lab down, and lab up`,
  }));

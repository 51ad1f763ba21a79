/** Whether this machine has time for tcpcopy. */
import { ok, wrong, type Check } from './diagnosis';
import type { TcpcopyFacts } from './facts';

/** It gets less than half of the time that it asks for, and more. */
const BUSY_PERCENT = 50;

export const cores: Check<TcpcopyFacts> = {
  id: 'cores',
  find({ coreWait_percent }) {
    if (coreWait_percent === undefined) return [];
    const evidence = `tcpcopy waited for a core for ${Math.round(coreWait_percent)} % of the time`;
    if (coreWait_percent < BUSY_PERCENT) return [ok(evidence)];
    return [
      wrong(
        'machine-busy',
        evidence,
        'give this machine another core or less to do, copy fewer (tcpcopy -r), or let it give way less (tcpcopy --nice)',
      ),
    ];
  },
};

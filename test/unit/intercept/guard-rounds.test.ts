import { GuardRounds } from '../../../src/intercept/guard-rounds';
import type { Proof, ReplySource } from '../../../src/intercept/reply-source';
import type { Log } from '../../../src/process/log';
import type { Endpoint } from '../../../src/wire/flow';

const AT_ONCE: Endpoint = { address: 3, port: 8080 };
const IN_A_MOMENT: Endpoint = { address: 4, port: 8080 };
const SILENT: Log = { info: () => undefined, warning: () => undefined, error: () => undefined };

test('what is done behind a late proof is done where that was the proof, not where the last round was', () => {
  const source: ReplySource = {
    description: '',
    counters: {},
    prove: (copied): Proof => (copied === AT_ONCE ? 'proven' : 'pending'),
    connections: () => undefined,
    close: () => undefined,
  };
  const done: Endpoint[][] = [];
  const rounds = new GuardRounds(
    source,
    () => [AT_ONCE, IN_A_MOMENT],
    (_, isProven) => done.push([AT_ONCE, IN_A_MOMENT].filter(isProven)),
    SILENT,
  );
  rounds.start();
  rounds.proven(IN_A_MOMENT);
  rounds.stop();
  expect(done).toEqual([[AT_ONCE], [IN_A_MOMENT]]);
});

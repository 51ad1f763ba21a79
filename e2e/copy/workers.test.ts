/** Both programs in two workers each, on real labs: as exact as one, and as safe. */
import { expect, test } from '@jest/globals';
import '../../lab/library/jest';
import traditional from '../../topologies/traditional';
import { copyAfresh } from '../stage/copy-afresh';
import { EXACT_MS, verify } from '../stage/verify-support';

const afresh = copyAfresh(traditional, 'e2e-workers');

test('tcpcopy of two workers copies exactly, and each has a part of the connections', async () => {
  const lab = await afresh(() => ({ tcpcopy: ['--workers', '2', '--metrics', '9100'] }));
  const verification = await verify(lab, {}, { requests: 2400, patience_ms: EXACT_MS });
  expect(verification).toBeExact();
  expect(verification.reasons).toEqual([]);
  const { stdout } = await lab
    .node('online')
    .exec([
      'sh',
      '-c',
      'ps -L -o comm= -p $(pgrep -x tcpcopy); cat /var/log/tcpcopy.log; curl -s http://127.0.0.1:9100/metrics',
    ]);
  console.log(stdout.toString());
});

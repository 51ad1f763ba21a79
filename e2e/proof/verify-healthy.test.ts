import { expect, test } from '@jest/globals';
import '../../lab/library/jest';
import traditional from '../../topologies/traditional';
import traditionalRedis from '../../topologies/traditional-redis';
import type { Lab } from '../../lab/library';
import { copyAfresh } from '../stage/copy-afresh';
import { drawing } from '../stage/drawn';
import { EXACT_MS, REQUESTS, shell, verify, withLab } from '../stage/verify-support';

const whole = (requests: number) => ({
  ...{ sent: requests, online: requests, test: requests },
  ...{ missing: 0, duplicated: 0, altered: 0, reordered: 0 },
});

const afresh = copyAfresh(traditional, 'e2e-verify-nginx');

/** Twice, as what the first leaves behind must not disturb the second. */
async function expectPasses(lab: Lab): Promise<void> {
  for (const requests of [2400, REQUESTS]) {
    const verification = await verify(lab, {}, { requests, patience_ms: EXACT_MS });
    expect(verification).toBeExact();
    expect(verification.reasons).toEqual([]);
    expect(verification.requests).toMatchObject(whole(requests));
    expect(verification.leaks).toMatchObject({ frames: 0, first: [] });
    expect(verification.controls).toHaveLength(5);
    expect(verification.load.connections).toBeGreaterThan(20);
    expect(verification.load.directAnswers).toBeGreaterThan(0);
  }
}

test('a healthy lab with nginx passes, again and again, and no tap, counting rule or file is left behind', async () => {
  const lab = await afresh();
  await expectPasses(lab);
  for (const node of [...lab.nodes, await lab.host()]) {
    await shell(node, '! ls /tmp/verify-* 2>/dev/null && ! pgrep tcpdump');
  }
  for (const node of lab.nodes) await shell(node, '! iptables-save | grep verify-');
});

const other = drawing('other verifications', 1);

other('a healthy lab with Redis passes, again and again', async () => {
  await withLab('e2e-verify-redis', traditionalRedis, expectPasses);
});

other('a healthy lab passes with the packages too, instead of the kernel calls', async () => {
  const packages = ['--io', 'packages'];
  const lab = await afresh(() => ({ tcpcopy: packages, intercept: packages }));
  // These packages lose frames when a busy machine lets them wait.
  const verification = await verify(lab, {}, { rate: 250, patience_ms: EXACT_MS });
  expect(verification).toBeExact();
  expect(verification.requests).toMatchObject(whole(REQUESTS));
});

other('an interrupted verification leaves nothing behind either', async () => {
  const lab = await afresh();
  const controller = new AbortController();
  const interrupted = lab.verify({
    signal: controller.signal,
    onPhase: (phase) => {
      if (phase === 'half-way') controller.abort(new Error('interrupted'));
    },
  });
  await expect(interrupted).rejects.toThrow('interrupted');
  for (const node of [...lab.nodes, await lab.host()]) {
    await shell(node, '! ls /tmp/verify-* 2>/dev/null && ! pgrep tcpdump && ! pgrep lab-load');
  }
  for (const node of lab.nodes) await shell(node, '! iptables-save | grep verify-');
});

other.play();

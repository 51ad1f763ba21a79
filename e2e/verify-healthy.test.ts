import { expect, test } from '@jest/globals';
import { reportAsText } from '../lab/report/text';
import traditional from '../topologies/traditional';
import traditionalRedis from '../topologies/traditional-redis';
import { EXACT_MS, shell, verify, withLab } from './verify-support';

const whole = { sent: 2400, online: 2400, test: 2400, missing: 0, duplicated: 0, altered: 0, reordered: 0 };

test.each([
  ['nginx', 'e2e-verify-nginx', traditional],
  ['Redis', 'e2e-verify-redis', traditionalRedis],
] as const)('a healthy lab with %s passes, again and again', async (_server, name, topology) => {
  await withLab(name, topology, async (lab) => {
    for (let turn = 0; turn < 2; turn += 1) {
      const verification = await verify(lab, {}, { patience_ms: EXACT_MS });
      expect(reportAsText(verification)).toMatch(/^PASS/);
      expect(verification.reasons).toEqual([]);
      expect(verification.requests).toMatchObject(whole);
      expect(verification.leaks).toMatchObject({ frames: 0, first: [] });
      expect(verification.controls).toHaveLength(5);
      expect(verification.load.connections).toBeGreaterThan(20);
      expect(verification.load.directAnswers).toBeGreaterThan(0);
    }
  });
});

test('a healthy lab passes with the packages too, instead of the kernel calls', async () => {
  const copies = [
    { ...traditional.copies[0]!, tcpcopy: ['--io', 'packages'], intercept: ['--io', 'packages'] },
  ];
  await withLab('e2e-verify-packages', { ...traditional, copies }, async (lab) => {
    const verification = await verify(lab, {}, { patience_ms: EXACT_MS });
    expect(reportAsText(verification)).toMatch(/^PASS/);
    expect(verification.requests).toMatchObject(whole);
  });
});

test('a verification leaves no tap, no counting rule and no file behind', async () => {
  await withLab('e2e-verify-tidy', traditional, async (lab) => {
    await verify(lab);
    for (const node of [...lab.nodes, await lab.host()]) {
      await shell(node, '! ls /tmp/verify-* 2>/dev/null && ! pgrep tcpdump');
    }
    for (const node of lab.nodes) await shell(node, '! iptables-save | grep verify-');
  });
});

test('an interrupted verification leaves nothing behind either', async () => {
  await withLab('e2e-verify-abort', traditional, async (lab) => {
    const { verifyLab } = await import('../lab/verify/verify-lab');
    const controller = new AbortController();
    const interrupted = verifyLab(lab, {
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
});

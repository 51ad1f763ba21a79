import { copyReading } from '../../../../lab/web/observe/copy-reader';
import { scene } from '../../verify/world/scene';
import { healthyState, withRules } from '../../verify/world/state';

const flows = { requests: 0, answers: 0, copies: 0, responses: 0, escaped: 0 };
const counters = { tcpcopy: { armed: 1, version: 'x' }, intercept: undefined };
const armed = { level: 'armed' as const, reasons: [], since: '2026-11-28T12:00:00Z' };

test('a copy that works has its rule, and nothing is found', () => {
  const reading = copyReading(scene, { state: healthyState, counters }, flows, armed);
  expect(reading.guard).toMatchObject({ level: 'armed', catches: [expect.stringContaining('NFQUEUE')] });
  expect(reading.findings).toEqual([]);
  expect(reading.counters).toEqual({ tcpcopy: { armed: 1 }, intercept: undefined });
});

test('a rule that is gone is found as verify finds it, with its mend', () => {
  const { guard, findings } = copyReading(scene, { state: withRules(), counters }, flows, armed);
  expect(guard.catches).toEqual([]);
  expect(findings).toEqual([
    expect.objectContaining({
      code: 'guard-rule-missing',
      mend: expect.stringContaining('iptables -I OUTPUT'),
    }),
  ]);
});

test('of a guard nothing is known when tcpcopy does not run, whatever its log says', () => {
  const state = { ...healthyState, tcpcopy: undefined };
  expect(copyReading(scene, { state, counters }, flows, armed).guard.level).toBe('unknown');
});

import { noRecord } from '../../../../lab/fence/outside-call';
import type { FenceState } from '../../../../lab/verify/evidence/fence-state';
import { judge } from '../../../../lab/verify/judge';
import { evidenceOf, healthyLab } from '../world/lab';

const evidence = evidenceOf(healthyLab('http', 7, 60));
const telling = { from: 'server of test', nodes: new Map<string, string>(), allowed: new Set<string>() };
const quiet: FenceState = { holder: 'test', telling, fault: undefined, record: noRecord };
const time = { first: '2026-01-01T00:00:00.000Z', last: '2026-01-01T00:00:00.000Z' };
const call = {
  protocol: 'tcp',
  address: '198.51.100.1',
  port: 443,
  name: 'payments.example',
  times: 3,
  ...time,
};
const called: FenceState = { ...quiet, record: { ...noRecord, called: [call] } };

const judged = (before: FenceState, after: FenceState) =>
  judge({ ...evidence, fences: { before: [before], after: [after] } });

test('a fence that stands and has nothing to tell is silent', () => {
  expect(judged(quiet, quiet)).toMatchObject({ verdict: 'pass', outside: [] });
});

test('a call fails the verification by its name; one from before does not', () => {
  const verification = judged(quiet, called);
  expect(verification.reasons).toEqual([
    expect.objectContaining({
      code: 'outside-called',
      message: expect.stringContaining('payments.example (198.51.100.1), tcp port 443, 3 times'),
    }),
  ]);
  expect(judged(called, called)).toMatchObject({ verdict: 'pass', outside: [] });
});

test.each([
  ['before', { ...quiet, fault: 'names are not led to it' }, quiet],
  ['after', quiet, { ...quiet, fault: 'names are not led to it' }],
])('a fence that did not stand %s the load is the first reason', (_when, before, after) => {
  expect(judged(before, after).reasons).toEqual([
    expect.objectContaining({
      code: 'fence-missing',
      message: expect.stringContaining('The fence on test does not stand: names are not led to it.'),
    }),
  ]);
});

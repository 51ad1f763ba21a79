import { timelineOf, withRunMessage, type Run } from '../../../../web/state/run';
import type { Message } from '../../../../lab/web/messages/message';
import type { GuardChange } from '../../../../lab/web/messages/reading';

const begun = { name: 'loss-1', architecture: 'traditional', seed: 7 } as const;
const folded = (...messages: Message[]): Run | undefined => messages.reduce(withRunMessage, undefined);
const change = (at_ms: number, level: GuardChange['level']): GuardChange => ({
  copy: 'online',
  at_ms,
  level,
});

test('a run begins anew, whatever was before', () => {
  const run = folded(
    { kind: 'run', run: begun },
    { kind: 'step', at_ms: 1, step: { kind: 'phase', phase: 'taps' } },
    { kind: 'broken-off', why: 'stopped' },
    { kind: 'run', run: { ...begun, seed: 8 } },
  );
  expect(run).toEqual({ begun: { ...begun, seed: 8 }, settingUp: undefined, steps: [], end: undefined });
});

test('without a run there is nothing to tell', () => {
  expect(folded({ kind: 'setting-up', what: 'network' })).toBeUndefined();
});

test('steps and guard stand in the order of time, and what the guard says again is left out', () => {
  const entries = timelineOf(
    [
      { at_ms: 10, step: { kind: 'phase', phase: 'taps' } },
      { at_ms: 30, step: { kind: 'wait', duration_ms: 5 } },
    ],
    [change(20, 'armed'), change(25, 'armed'), change(40, 'suspended')],
  );
  expect(entries.map(({ kind, at_ms }) => [kind, at_ms])).toEqual([
    ['step', 10],
    ['guard', 20],
    ['step', 30],
    ['guard', 40],
  ]);
});

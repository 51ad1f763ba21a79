import { emptyState, withMessage } from '../../../../web/state/state';
import { byReason, counterSeries, flowsNow, polyline, rates } from '../../../../web/state/series';
import { kept, messages, readingAt } from '../world';
import type { Message } from '../../../../lab/web/messages/message';

const stateOf = (told: readonly Message[]) => told.reduce(withMessage, emptyState);
const canary = { ...kept()[0]!.shown, kind: 'canary' as const };

test('what is shown is told by the messages alone', () => {
  const state = stateOf(messages());
  expect(state.picture?.lab).toBe('kept');
  expect(state.readings).toHaveLength(30);
  expect(state.frames).toHaveLength(kept().length);
});

test('a connection that begins anew tells everything again, and nothing stands twice', () => {
  expect(stateOf([...messages(), ...messages()])).toEqual(stateOf(messages()));
});

test('proofs of the guard are not among the frames', () => {
  expect(stateOf([{ kind: 'frames', frames: [canary] }])).toBe(emptyState);
});

test('what could not be seen is forgotten once it can be seen again', () => {
  const blind: Message = { kind: 'blind', what: 'reading', why: 'no answer' };
  expect(stateOf([blind]).blind).toEqual({ reading: 'no answer' });
  expect(stateOf([blind, { kind: 'blind', what: 'reading' }]).blind).toEqual({});
});

test('what is kept is bounded', () => {
  const many = Array.from({ length: 700 }, (_, at): Message => ({ kind: 'reading', reading: readingAt(at) }));
  const frames = Array.from({ length: 50 }, (): Message => ({
    kind: 'frames',
    frames: kept().map(({ shown }) => shown),
  }));
  const state = stateOf([...many, ...frames]);
  expect([state.readings.length, state.frames.length]).toEqual([600, 200]);
});

describe('series', () => {
  const readings = [readingAt(0), readingAt(1), readingAt(3)];

  test('are growth a second, whatever lies between two readings', () => {
    expect(rates(counterSeries(readings, 'online', 'requests_captured')).map(({ value }) => value)).toEqual([
      10, 10,
    ]);
    expect(flowsNow(readings, 'online').copies).toEqual({ total: 60, rate: 20 });
  });

  test('of a program that was started again do not fall below nothing', () => {
    const points = [100, 140, 7].map((value, at) => ({ at_ms: at * 1000, value }));
    expect(rates(points).map(({ value }) => value)).toEqual([40, 7]);
  });

  test('leave out what was not counted', () => {
    const silent = readingAt(2, { counters: { tcpcopy: undefined, intercept: undefined } });
    expect(counterSeries([readings[0]!, silent], 'online', 'requests_captured')).toHaveLength(1);
  });

  test('are drawn with the newest at the right, and the largest at the top', () => {
    const points = [0, 10, 5].map((value, at) => ({ at_ms: at * 1000, value }));
    expect(polyline(points, 100, 50, 10_000)).toBe('80.0,49.0 90.0,1.0 100.0,25.0');
    expect(polyline([], 100, 50, 10_000)).toBe('');
  });
});

test('reasons stand by their numbers, and those that never were are left out', () => {
  const counters = {
    requests_given_up_late: 2,
    requests_given_up_idle: 9,
    requests_given_up_memory: 0,
    other: 4,
  };
  expect(byReason(counters, 'requests_given_up_')).toEqual([
    ['idle', 9],
    ['late', 2],
  ]);
});

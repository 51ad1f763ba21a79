import { entriesOf, indexAt } from '../../../../web/recorded/entries';
import { momentAfter } from '../../../../web/recorded/use-moment';
import { keptRecording } from '../world';

const entries = entriesOf(keptRecording().messages);

test('what a run is and its picture are known from the beginning, and all else comes at its time', () => {
  expect(entries.slice(0, 2).map(({ message }) => message.kind)).toEqual(['run', 'picture']);
  const times = entries.map(({ at_ms }) => at_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const kinds = entries.flatMap(({ message }) =>
    message.kind === 'step' ? [message.step.kind] : message.kind === 'guard' ? ['guard'] : [],
  );
  expect(kinds).toEqual(['phase', 'command', 'guard', 'moment']);
});

test('frames come one by one, in the order of time, and are numbered so', () => {
  const frames = entries.flatMap(({ message }) => (message.kind === 'frames' ? message.frames : []));
  expect(frames.length).toBeGreaterThan(10);
  expect(frames.map(({ at_ms }) => at_ms)).toEqual(frames.map(({ at_ms }) => at_ms).toSorted());
  expect(frames.map(({ id }) => id)).toEqual(frames.map(({ id }) => id).toSorted((a, b) => a - b));
});

test('times in which nothing happens are shortened', () => {
  const gaps = entries.slice(1).map(({ at_ms }, index) => at_ms - entries[index]!.at_ms);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(700);
});

test('a moment is what was told until then, and the last has the verdict', () => {
  const half = momentAfter(entries.slice(0, indexAt(entries, 3_000)));
  const whole = momentAfter(entries);
  expect(half.state.readings.length).toBeLessThan(whole.state.readings.length);
  expect(half.run?.end).toBeUndefined();
  expect(whole.run?.end).toMatchObject({ kind: 'result', result: { verdict: 'pass' } });
  expect(momentAfter(entries.slice(10), momentAfter(entries.slice(0, 10)))).toEqual(whole);
});

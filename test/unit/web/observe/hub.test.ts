import { Hub } from '../../../../lab/web/observe/hub';
import type { Message } from '../../../../lab/web/messages/message';
import { kept, picture, readingAt } from '../world';

test('who comes later is told what went before, beginning with the picture', () => {
  const hub = new Hub(picture);
  hub.tell({ kind: 'reading', reading: readingAt(1) });
  hub.tell({ kind: 'mode', mode: 'flows' });
  hub.tell({ kind: 'frames', frames: kept().map(({ shown }) => shown) });
  const told: Message[] = [];
  hub.subscribe((message) => told.push(message));
  expect(told.map(({ kind }) => kind)).toEqual(['picture', 'reading', 'mode', 'frames', 'leaks']);
  expect(told[2]).toEqual({ kind: 'mode', mode: 'flows' });
});

test('what is kept for those who come later is bounded', () => {
  const hub = new Hub(picture);
  for (let at = 0; at < 1_000; at += 1) hub.tell({ kind: 'reading', reading: readingAt(at) });
  const told: Message[] = [];
  hub.subscribe((message) => told.push(message));
  expect(told.filter(({ kind }) => kind === 'reading')).toHaveLength(600);
});

test('who has gone is told nothing more', () => {
  const hub = new Hub(picture);
  const told: Message[] = [];
  const end = hub.subscribe((message) => told.push(message));
  end();
  const before = told.length;
  hub.tell({ kind: 'gone' });
  expect(told).toHaveLength(before);
});

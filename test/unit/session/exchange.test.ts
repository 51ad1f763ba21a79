import * as exchange from '../../../src/session/exchange/exchange';
import { Habits } from '../../../src/session/exchange/habits';
import { partUntil_ms } from '../../../src/session/exchange/parting';
import { Copy } from './exchanging';

describe("a client's next words", () => {
  test('go at once where it has read nothing since it spoke', () => {
    const copy = new Copy();
    expect(copy.words(1, 0)).toBeUndefined();
    expect(copy.words(1, 1)).toBeUndefined();
  });

  test('go with the last byte of an answer of the same length, and not before', () => {
    const copy = new Copy();
    copy.words(1, 0);
    expect(copy.words(101, 1)).toBe(200);
    copy.answers(60, 2, false);
    expect(copy.words(101, 2)).toBeGreaterThan(2);
    copy.answers(40, 3);
    expect(copy.words(101, 3)).toBeUndefined();
    expect(copy.notAwaited).toBe(0);
  });

  test('wait for 250 ms in all for answers that are shorter, on all connections together', () => {
    const habits = new Habits();
    let waited_ms = 0;
    let now_ms = 0;
    for (let connection = 0; connection < 10; connection += 1) {
      const copy = new Copy(habits);
      copy.words(1, now_ms);
      for (let request = 1; request <= 20; request += 1) {
        copy.answers(3, now_ms);
        const from_ms = now_ms;
        for (let until_ms = copy.words(1 + request * 100, now_ms); until_ms !== undefined;) {
          now_ms = until_ms;
          until_ms = copy.words(1 + request * 100, now_ms);
        }
        waited_ms += now_ms - from_ms;
      }
    }
    expect(waited_ms).toBe(250);
  });

  test('are not held up by the surplus of answers that are longer', () => {
    const copy = new Copy();
    copy.words(1, 0);
    for (let request = 1; request < 10; request += 1) {
      copy.answers(300, request);
      expect(copy.words(1 + request * 100, request)).toBeUndefined();
    }
  });

  test('wait for 200 ms, and then for 50, where nothing answers, and then keep the time of their client', () => {
    const copy = new Copy();
    copy.words(1, 0);
    expect(copy.words(101, 0)).toBe(200);
    expect(copy.words(101, 200)).toBeUndefined();
    expect(copy.words(201, 201)).toBe(250);
    expect(copy.words(201, 250)).toBeUndefined();
    expect(copy.words(301, 251)).toBeUndefined();
    expect([copy.missed, copy.notAwaited]).toEqual([2, 3]);
  });

  test('do not count as unanswered before the test server has heard those before', () => {
    const copy = new Copy();
    copy.words(1, 0);
    expect(copy.words(101, 5000, false)).toBe(Infinity);
    expect(copy.missed).toBe(0);
  });

  test('wait for longer for a test server that has answered again and again', () => {
    const copy = new Copy();
    copy.words(1, 0);
    for (let request = 1; request <= 9; request += 1) {
      copy.answers(100, request);
      copy.words(1 + request * 100, request);
    }
    expect(copy.words(1001, 10)).toBe(409);
    copy.answers(100, 309);
    expect(copy.words(1001, 309)).toBeUndefined();
    expect(copy.missed).toBe(0);
    // Having come late once, it may do so again.
    expect(copy.words(1101, 310)).toBe(309 + 1.5 * 300 + 5);
  });

  test('wait through a pause within an answer that was seen before', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(50, 1);
    expect(copy.words(101, 1)).toBe(201);
    copy.answers(50, 181);
    expect(copy.words(101, 181)).toBeUndefined();
    copy.answers(50, 182);
    expect(copy.words(201, 182)).toBe(182 + 1.5 * 180 + 1);
  });

  test('learn a pause that was longer than they waited, once all has come', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(50, 1);
    copy.words(101, 1);
    expect(copy.words(101, 201)).toBeUndefined();
    copy.answers(50, 401);
    copy.answers(50, 402);
    expect(copy.words(201, 402)).toBe(402 + 1.5 * 400 + 1);
  });

  test('are not let go by what the test server pushed before it heard the words before', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(100, 1, true, 1);
    expect(copy.words(101, 1)).toBe(200);
    copy.answers(100, 2);
    expect(copy.words(101, 2)).toBeUndefined();
  });

  test('wait for a greeting that does not come for at most 200 ms, and on later connections not at all', () => {
    const habits = new Habits();
    const first = new Copy(habits);
    expect(first.words(51, 0)).toBe(200);
    expect(first.words(51, 200)).toBeUndefined();
    expect(new Copy(habits).words(51, 201)).toBe(251);
    expect(new Copy(habits).words(51, 251)).toBe(301);
  });

  test('do not take a greeting for an answer', () => {
    const copy = new Copy();
    copy.answers(100, 0, true, 1);
    copy.words(1, 1);
    expect(copy.words(101, 2)).toBe(201);
  });

  test('give a FIN 2 ms where the test server is known to close behind so many answers', () => {
    const copy = new Copy();
    copy.habits.closed(2, 0);
    copy.words(1, 0);
    copy.answers(100, 1);
    expect(copy.words(101, 1)).toBeUndefined();
    copy.answers(100, 2);
    expect(copy.words(201, 2)).toBe(4);
    expect(copy.words(201, 4)).toBeUndefined();
  });

  test('give it 2 ms behind words that were answered before the test server had them all, once it has them', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(100, 1, true, copy.offset - 5);
    expect(copy.words(101, 2)).toBe(3);
    exchange.heard(copy.of, 7);
    expect(copy.words(101, 7)).toBe(9);
    expect(copy.words(101, 9)).toBeUndefined();
    expect(copy.notAwaited).toBe(0);
  });

  test('give it 2 ms behind any answer where it closes behind ever other numbers of them', () => {
    const habits = new Habits();
    for (const answers of [3, 5, 9, 14]) habits.closed(answers, 0);
    expect(habits.closesBehind(77)).toBe(true);
    habits.closed(9, 1000);
    expect(new Habits().closesBehind(9)).toBe(false);
  });

  test('leave what was said early in doubt until it is clear whose answer has come', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.words(101, 1);
    copy.words(101, 200);
    expect([copy.of.due, copy.of.drawnUntil]).toEqual([2, 1]);
    copy.answers(3, 300);
    expect([copy.of.due, copy.of.drawnUntil]).toEqual([2, 1]);
    copy.answers(97, 301);
    expect([copy.of.due, copy.of.drawnUntil]).toEqual([1, 11]);
    // That was the answer to the first words, to the last byte.
    expect(copy.words(201, 302)).toBeGreaterThan(302);
    copy.answers(100, 303);
    expect([copy.of.due, copy.of.drawnUntil]).toEqual([0, copy.offset]);
  });
});

describe("a client's end", () => {
  const end = (copy: Copy, read: number, now_ms: number, kind: 'fin' | 'rst' = 'fin'): number | undefined =>
    partUntil_ms(copy.of, read, copy.received_bytes, kind, now_ms);

  test('goes at once behind a whole answer', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(100, 5);
    expect(end(copy, 101, 5)).toBeUndefined();
  });

  test('lingers for 2 s behind a shorter one, or for twice the longest pause that was seen', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(3, 5);
    expect(end(copy, 101, 6)).toBe(2005);
    copy.habits.paused(7000);
    expect(end(copy, 101, 6)).toBe(14_005);
  });

  test('waits without a limit of its own while nothing has answered its last words', () => {
    const copy = new Copy();
    copy.words(1, 0);
    expect(end(copy, 101, 6)).toBe(Infinity);
  });

  test('that is a reset waits until the test server has been silent', () => {
    const copy = new Copy();
    exchange.heard(copy.of, 50);
    expect(end(copy, 1, 60, 'rst')).toBe(150);
    expect(end(copy, 1, 150, 'rst')).toBeUndefined();
  });
});

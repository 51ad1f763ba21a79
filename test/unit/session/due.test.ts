import { requestsDue } from '../../../src/session/exchange/due';
import * as exchange from '../../../src/session/exchange/exchange';
import { Habits } from '../../../src/session/exchange/habits';
import { Copy } from './exchanging';

describe('of several requests that were said early', () => {
  /** Each is answered 100 bytes online, and nothing comes from the test server. */
  const early = (requests: number, habits?: Habits): Copy => {
    const copy = new Copy(habits);
    for (let place = 0; place < requests; place += 1) {
      const read = 1 + 100 * place;
      for (let now_ms = place * 5000; copy.words(read, now_ms) !== undefined; now_ms += 1000);
    }
    expect(copy.of.due).toBe(requests);
    return copy;
  };
  /** Writes, or segments of one write, that the client says without having read in between. */
  const pipelined = (writes: number, ends = true, habits?: Habits): Copy => {
    const copy = new Copy(habits);
    for (let place = 0; place < writes; place += 1) copy.more(ends || place === writes - 1);
    return copy;
  };
  const standOf = ({ of }: Copy): number[] => [of.due, of.drawnUntil];

  test('each write answers one, though all were acknowledged before', () => {
    const copy = early(5);
    copy.answers(120, 90_000);
    expect(standOf(copy)).toEqual([4, 11]);
    copy.answers(110, 90_001);
    expect(standOf(copy)).toEqual([3, 21]);
    copy.answers(130, 90_002);
    copy.answers(130, 90_003);
    expect(standOf(copy)).toEqual([1, 41]);
    copy.answers(130, 90_004, false);
    expect(standOf(copy)).toEqual([1, 41]);
    copy.answers(130, 90_004);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('as many are answered as the bytes say, where they are the same as online', () => {
    const copy = early(5);
    copy.answers(60, 90_000);
    expect(standOf(copy)).toEqual([5, 1]);
    copy.answers(140, 90_001);
    expect(standOf(copy)).toEqual([3, 21]);
  });

  test('what may only begin an answer answers none, unless answers are known to be shorter', () => {
    const copy = early(3);
    copy.answers(3, 90_000);
    expect(standOf(copy)).toEqual([3, 1]);
    const habits = new Habits();
    habits.answered(true);
    const other = early(3, habits);
    other.answers(3, 90_000);
    expect(standOf(other)).toEqual([2, 11]);
    habits.answered(false);
    other.answers(3, 90_001);
    expect(standOf(other)).toEqual([2, 11]);
  });

  test('where answers are known to be longer, a write of its own may only begin one', () => {
    const habits = new Habits();
    const known = new Copy(habits);
    known.words(1, 0);
    known.answers(150, 1);
    known.words(101, 2);
    const copy = early(3, habits);
    copy.answers(110, 90_000);
    expect(standOf(copy)).toEqual([3, 1]);
    copy.answers(40, 90_001);
    expect(standOf(copy)).toEqual([2, 11]);
  });

  /** The connection is over, and the client had read so much. */
  const ends = ({ of }: Copy, read: number): void => exchange.reconsider(of, read);
  /** Of a transfer whose clients were answered one by one, in one write each. */
  const pipeliners = (): Habits => {
    const habits = new Habits();
    const copy = pipelined(2, true, habits);
    copy.answers(100, 1);
    copy.answers(100, 1);
    copy.words(201, 2);
    return habits;
  };

  test('those that a client pipelined are in doubt behind as many as were answered', () => {
    const copy = pipelined(5, true, pipeliners());
    expect(standOf(copy)).toEqual([5, 1]);
    copy.answers(100, 1);
    copy.answers(100, 2);
    ends(copy, 501);
    expect(standOf(copy)).toEqual([3, 21]);
  });

  test.each([
    ['shorter', 30],
    ['longer', 300],
  ])('so they are where answers are %s', (_, bytes) => {
    const copy = pipelined(5, true, pipeliners());
    copy.answers(bytes, 1);
    copy.answers(bytes, 2);
    copy.habits.answered(bytes < 100);
    ends(copy, 501);
    expect(standOf(copy)).toEqual([3, 21]);
  });

  test('they are in doubt behind the first, where nobody knows in how many writes an answer comes', () => {
    const copy = pipelined(5);
    copy.answers(60, 1);
    copy.answers(60, 2);
    copy.answers(60, 3);
    ends(copy, 501);
    expect(standOf(copy)).toEqual([4, 11]);
  });

  test('as many writes answer one as came for one at the most', () => {
    const habits = pipeliners();
    habits.cameIn(3);
    const copy = pipelined(5, true, habits);
    for (let write = 0; write < 7; write += 1) copy.answers(30, write);
    ends(copy, 501);
    expect(standOf(copy)).toEqual([3, 21]);
  });

  test('all are answered where as much came as the client had read', () => {
    const copy = pipelined(3, true, pipeliners());
    copy.answers(300, 1);
    ends(copy, 301);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('one answer is the answer to a request in several writes, until it is less than half of it', () => {
    const copy = pipelined(3);
    copy.answers(200, 1);
    ends(copy, 301);
    expect(standOf(copy)).toEqual([0, copy.offset]);
    const other = pipelined(3);
    other.answers(100, 1);
    ends(other, 301);
    expect(standOf(other)).toEqual([2, 11]);
  });

  test('it is so however short it is, once several were answered by one again and again', () => {
    const habits = new Habits();
    for (let times = 0; times < 4; times += 1) {
      const copy = pipelined(3, true, habits);
      copy.answers(3, 1);
      ends(copy, 301);
      expect(standOf(copy)).toEqual([2, 11]);
    }
    const copy = pipelined(3, true, habits);
    copy.answers(3, 1);
    ends(copy, 301);
    expect(standOf(copy)).toEqual([0, copy.offset]);
    const open = pipelined(3, true, habits);
    expect([open.of.due, requestsDue(open.of, Infinity)]).toEqual([3, 1]);
  });

  test('one answer in several writes does not look like several', () => {
    const habits = new Habits();
    const copy = pipelined(2, true, habits);
    for (let write = 0; write < 3; write += 1) copy.answers(100, 1);
    copy.words(301, 2);
    expect([copy.of.pipelines, habits.pipelines]).toEqual([false, undefined]);
  });

  test('late answers to what was said before show nothing', () => {
    const copy = early(2);
    copy.more(true);
    for (let write = 0; write < 2; write += 1) copy.answers(100, 90_000);
    ends(copy, 301);
    expect(copy.of.pipelines).toBe(false);
  });

  test('segments of one write are one', () => {
    const copy = pipelined(3, false);
    copy.answers(100, 1);
    exchange.reconsider(copy.of, 301);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('the rest of an answer behind which they were said answers none', () => {
    const copy = new Copy();
    copy.words(1, 0);
    copy.answers(150, 1, false);
    expect(copy.words(101, 2)).toBeUndefined();
    copy.answers(50, 3);
    expect(standOf(copy)).toEqual([1, 11]);
    copy.answers(150, 4);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('what acknowledges none of them answers none', () => {
    const copy = early(3);
    copy.answers(100, 90_000, true, 1);
    expect(standOf(copy)).toEqual([3, 1]);
  });

  test('very many are counted all the same', () => {
    const copy = early(1000);
    expect([copy.of.due, copy.of.earlierDue.length]).toEqual([1000, 64]);
    copy.answers(10, 9_000_000);
    expect(standOf(copy)).toEqual([999, 1]);
  });

  test('answers are as long as all of them that came, though words went out before their end', () => {
    const habits = new Habits();
    const copy = new Copy(habits);
    for (let place = 0; place < 10; place += 1) {
      expect(copy.words(1 + 100 * place, place)).toBeUndefined();
      // As much as online, and then the rest.
      if (place > 0) copy.answers(50, place);
      copy.answers(100, place, false);
    }
    expect(habits.longest_bytes(100, 1)).toBeGreaterThan(140);
    expect(habits.longest_bytes(100, 1)).toBeLessThanOrEqual(150);
  });

  /** Answers come in three writes of 150 bytes, of which words that waited for 100 have seen one. */
  const goneAhead = (now_ms = 2001): Copy => {
    const copy = new Copy();
    copy.words(1, 0);
    for (let write = 0; write < 3; write += 1) copy.answers(150, 1);
    copy.words(101, 2000);
    copy.answers(150, 2000);
    expect(copy.words(201, now_ms)).toBeUndefined();
    return copy;
  };

  test('what an answer may still have answers none of the words that went out behind its beginning', () => {
    const copy = goneAhead();
    copy.answers(150, 2001);
    copy.answers(150, 2001);
    expect(standOf(copy)).toEqual([1, 21]);
    copy.answers(150, 2002);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('what one write carries beyond that does', () => {
    const copy = goneAhead();
    copy.answers(450, 2001);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });

  test('so does what comes later than any answer has gone on', () => {
    const copy = goneAhead();
    copy.answers(150, 2004);
    expect(standOf(copy)).toEqual([0, copy.offset]);
    const slow = goneAhead();
    slow.habits.paused(10);
    slow.answers(150, 2004);
    expect(standOf(slow)).toEqual([1, 21]);
  });

  test('so it does behind a second of silence', () => {
    const copy = goneAhead(3001);
    copy.habits.paused(10_000);
    copy.answers(150, 3002);
    expect(standOf(copy)).toEqual([0, copy.offset]);
  });
});

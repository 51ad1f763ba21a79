import { NO_EARLIER, requestsDue } from '../../../src/session/exchange/due';
import * as exchange from '../../../src/session/exchange/exchange';
import { Habits } from '../../../src/session/exchange/habits';
import { partUntil_ms } from '../../../src/session/exchange/parting';

/** A copy whose client and test server are said what they do: each has a stream of its own. */
class Copy {
  readonly habits: Habits;
  missed = 0;
  notAwaited = 0;
  readonly of: exchange.Exchange;
  #offset = 1;
  #received_bytes = 0;

  constructor(habits = new Habits()) {
    this.habits = habits;
    this.of = {
      ...exchange.EXCHANGE,
      exchangeOpened: false,
      lastResponseEnds: false,
      isTailDue: false,
      hasEndedWrite: false,
      pipelines: false,
      missed: undefined,
      earlierDue: NO_EARLIER,
      habits,
      host: {
        response_ms: 600_000,
        waitForAnswers: true,
        count: () => (this.notAwaited += 1),
        tellMissed: () => (this.missed += 1),
      },
    };
  }

  /** Words that the client said having read so much: until when they wait; once they may go, they are said. */
  words(read: number, now_ms: number, isHeard = true): number | undefined {
    const until_ms = exchange.holdUntil_ms(this.of, this.#offset, read, isHeard, now_ms);
    if (until_ms !== undefined) return until_ms;
    exchange.said(this.of, { offset: this.#offset, begins: true, push: true }, now_ms);
    this.#offset += 10;
    return undefined;
  }

  /** Words that go on with what was said, the client having read nothing. @param push they end a write */
  more(push: boolean): void {
    exchange.said(this.of, { offset: this.#offset, begins: false, push }, 0);
    this.#offset += 10;
  }

  /** @param acknowledged of the words, by default all that were said */
  answers(bytes: number, now_ms: number, ends = true, acknowledged = this.#offset): void {
    this.#received_bytes += bytes;
    exchange.responded(this.of, acknowledged, bytes, this.#received_bytes, ends, now_ms);
  }

  get received_bytes(): number {
    return this.#received_bytes;
  }

  get offset(): number {
    return this.#offset;
  }
}

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

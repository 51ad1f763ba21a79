import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import type { EngineOptions } from '../../../src/session/contract';
import { INITIAL, PORT, copying, reply, segment, synAck, words } from './copying';

const WORDS = ['one', 'two', 'thr', 'fou'];
const ANSWER_BYTES = 10;

/** A copy whose connection is open; its client says words of three bytes, and reads ten bytes for each. */
function open(options: Partial<EngineOptions> = {}) {
  const copy = copying(options);
  const { engine, packets } = copy;
  /** Of the test server, on the connection that was begun last. */
  let next = 5001;
  const accepts = (now_ms: number): void => {
    const { sequence } = packets.findLast(({ flags }) => flags === SYN)!;
    engine.replied({ ...synAck, sequence: 5000, acknowledgment: sequence + 1 }, now_ms);
    next = 5001;
  };
  const says = (place: number, now_ms: number): void =>
    void engine.captured(words(INITIAL + 1 + place * 3, 1 + place * ANSWER_BYTES, WORDS[place]!), now_ms);
  /** Up to where the words that were sent last reach. */
  const end = (): number => {
    const { sequence, payload } = packets.findLast(({ payload: said }) => said !== '')!;
    return sequence + payload.length;
  };
  const replies = (
    now_ms: number,
    flags: number,
    { bytes = 0, acknowledgment = end() }: { bytes?: number; acknowledgment?: number } = {},
  ): void => {
    engine.replied(reply({ sequence: next, acknowledgment, flags, payloadLength: bytes }), now_ms);
    next += bytes + (flags & FIN ? 1 : 0);
  };
  const answers = (now_ms: number, flags = 0): void =>
    replies(now_ms, ACK | PSH | flags, { bytes: ANSWER_BYTES });
  const leaves = (place: number, now_ms: number): void =>
    void engine.captured(
      segment({
        flags: ACK | FIN,
        sequence: INITIAL + 1 + place * 3,
        acknowledgment: 1 + place * ANSWER_BYTES,
      }),
      now_ms,
    );
  const said = (): string[] => packets.map(({ payload }) => payload).filter((payload) => payload !== '');
  engine.captured(segment({ flags: SYN }), 0);
  accepts(1);
  return { ...copy, accepts, says, replies, answers, leaves, said, end };
}

describe('a client whose connection the test server closes', () => {
  test('is played on in a new connection, behind our own FIN', () => {
    const { engine, packets, says, answers, accepts, said, doubtful } = open();
    says(0, 2);
    answers(3, FIN);
    says(1, 4);
    expect(packets.slice(-2)).toMatchObject([
      { flags: FIN | ACK, sequence: INITIAL + 4 },
      { flags: SYN, port: PORT },
    ]);
    accepts(5);
    expect(said()).toEqual(['one', 'two']);
    expect(doubtful).toEqual([]);
    expect(engine.counters).toMatchObject({
      sessions_started: 1,
      requests_sent: 2,
      connections_closed_by_test: 1,
      connections_again: 1,
    });
  });

  test('goes on with a sequence number that a TCP in TIME-WAIT takes for a new connection', () => {
    const { packets, says, answers } = open();
    says(0, 2);
    answers(3, FIN);
    says(1, 4);
    const [fin, syn] = packets.slice(-2);
    expect(syn!.sequence).toBeGreaterThan(fin!.sequence + 1);
  });

  test('does not take the acknowledgment of that FIN for a refusal', () => {
    const { engine, packets, says, answers, accepts, said } = open();
    says(0, 2);
    answers(3, FIN);
    says(1, 4);
    const fin = packets.at(-2)!;
    engine.replied(reply({ sequence: 5012, acknowledgment: fin.sequence + 1 }), 5);
    accepts(6);
    expect(said()).toEqual(['one', 'two']);
    expect(engine.counters.handshake_challenges).toBe(0);
  });

  test('is played on as often as it takes', () => {
    const { engine, says, answers, accepts, said } = open();
    says(0, 2);
    answers(3, FIN);
    for (const place of [1, 2, 3]) {
      says(place, place * 10);
      accepts(place * 10 + 1);
      answers(place * 10 + 2, FIN);
    }
    expect(said()).toEqual(WORDS);
    expect(engine.counters).toMatchObject({ connections_again: 3, requests_doubtful: 0 });
  });

  test('says again what was in flight when the FIN came, once it was refused', () => {
    const { engine, says, answers, replies, accepts, said, doubtful } = open();
    says(0, 2);
    answers(3);
    says(1, 4);
    replies(5, ACK | FIN, { acknowledgment: INITIAL + 4 });
    expect(said()).toEqual(['one', 'two']);
    replies(6, RST);
    accepts(7);
    expect(said()).toEqual(['one', 'two', 'two']);
    expect(doubtful).toEqual([]);
    expect(engine.counters).toMatchObject({ requests_sent: 2, requests_said_again: 1 });
  });

  test('does not say again what was acknowledged behind the FIN: it is doubtful', () => {
    const { engine, says, answers, replies, accepts, said, doubtful } = open();
    says(0, 2);
    answers(3);
    says(1, 4);
    replies(5, ACK | FIN, { acknowledgment: INITIAL + 4 });
    replies(6, ACK);
    expect(doubtful).toMatchObject([{ clientPort: PORT, count: 1, sequence: INITIAL + 4, bytes: 3 }]);
    says(2, 7);
    accepts(8);
    expect(said()).toEqual(['one', 'two', 'thr']);
    expect(engine.counters.requests_doubtful).toBe(1);
  });

  test('is said again what is doubtful, when that is asked for', () => {
    const { engine, says, answers, replies, accepts, said } = open({ repeatsDoubtful: true });
    says(0, 2);
    answers(3);
    says(1, 4);
    replies(5, ACK | FIN, { acknowledgment: INITIAL + 4 });
    replies(6, ACK);
    says(2, 7);
    accepts(8);
    answers(9);
    // It closed behind one answer: another FIN may be on its way.
    expect(said()).toEqual(['one', 'two', 'two']);
    engine.tick(11);
    expect(said()).toEqual(['one', 'two', 'two', 'thr']);
  });

  test('is said no request on more than two connections', () => {
    const { engine, packets, says, answers, replies, accepts, said } = open();
    says(0, 2);
    answers(3);
    says(1, 4);
    for (const now_ms of [5, 1005]) {
      const { sequence } = packets.findLast(({ payload }) => payload === 'two')!;
      replies(now_ms, RST | ACK, { acknowledgment: sequence });
      engine.tick(now_ms + 500);
      accepts(now_ms + 501);
    }
    expect(said()).toEqual(['one', 'two', 'two']);
    expect(engine.counters).toMatchObject({ requests_refused: 1, requests_doubtful: 0 });
    says(2, 2000);
    engine.tick(9000);
    accepts(9001);
    engine.tick(9100);
    expect(said().at(-1)).toBe('thr');
  });

  test('goes on where both servers have closed their side', () => {
    const { engine, packets, says, replies, answers } = open();
    says(0, 2);
    answers(3, FIN);
    engine.captured(words(INITIAL + 4, 1 + ANSWER_BYTES + 1, 'two'), 4);
    expect(packets.at(-1)).toMatchObject({ payload: 'two', sequence: INITIAL + 4 });
    replies(5, ACK);
    expect(engine.counters).toMatchObject({ connections_again: 0, requests_doubtful: 0 });
  });

  test('is not said again what crossed the end that its client had read as well', () => {
    const { engine, says, answers, replies, said, doubtful } = open();
    says(0, 2);
    answers(3);
    engine.captured(words(INITIAL + 4, 1 + ANSWER_BYTES + 1, 'two'), 4);
    replies(500, ACK | FIN, { acknowledgment: INITIAL + 4 });
    replies(501, RST);
    engine.tick(1000);
    expect(said().filter((payload) => payload === 'two')).toHaveLength(1);
    expect(doubtful).toMatchObject([{ count: 1, sequence: INITIAL + 4, bytes: 3 }]);
  });

  test('is heard what it said before its reset, though that was captured first and the test server refuses', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(segment({ flags: ACK, sequence: INITIAL + 1 }), 0);
    engine.captured(segment({ flags: RST | ACK, sequence: INITIAL + 4, acknowledgment: 11 }), 1);
    engine.replied(reply({ sequence: 0, acknowledgment: INITIAL + 1, flags: RST | ACK }), 2);
    engine.captured(words(INITIAL + 1, 1, 'one'), 3);
    engine.replied(synAck, 4);
    engine.tick(30);
    expect(packets.map(({ payload }) => payload)).toContain('one');
  });

  test('is not said the rest of a request in another connection', () => {
    const { engine, says, replies, accepts, said, doubtful } = open();
    says(0, 2);
    replies(3, ACK | FIN);
    engine.captured(words(INITIAL + 4, 1, 'rest of it'), 4);
    engine.captured(words(INITIAL + 14, 50, 'next'), 5);
    accepts(6);
    expect(said()).toEqual(['one', 'next']);
    expect(doubtful).toMatchObject([
      { count: 1, sequence: INITIAL + 1, bytes: 3 },
      { count: 0, sequence: INITIAL + 4, bytes: 10 },
    ]);
  });

  test('may go on for longer than can be held with what is not said any more', () => {
    const { engine, says, replies, accepts, said, doubtful } = open();
    says(0, 2);
    replies(3, ACK | FIN);
    const piece = 'x'.repeat(60_000);
    const pieces = 1200;
    for (let at = 0; at < pieces; at += 1)
      engine.captured(words(INITIAL + 4 + at * piece.length, 1, piece), 4);
    expect(engine.memoryUsed_bytes).toBeLessThan(1_000_000);
    engine.captured(words(INITIAL + 4 + pieces * piece.length, 50, 'next'), 5);
    accepts(6);
    expect(said()).toEqual(['one', 'next']);
    expect(doubtful).toMatchObject([{ count: 1 }, { count: 0, bytes: pieces * piece.length }]);
    expect(engine.counters['sessions_given_up_session-memory']).toBe(0);
  });

  test('is given up when only whole connections are copied', () => {
    const { engine, packets, says, answers } = open({ wholeConnectionsOnly: true });
    says(0, 2);
    answers(3, FIN);
    says(1, 4);
    expect(packets.at(-1)!.flags & RST).toBe(RST);
    expect(engine.counters).toMatchObject({
      'sessions_given_up_test-closed': 1,
      'requests_given_up_test-closed': 1,
    });
  });

  test('ends in order when it has nothing more to say', () => {
    const { engine, packets, says, answers, replies, leaves } = open();
    says(0, 2);
    answers(3, FIN);
    leaves(1, 4);
    expect(packets.at(-1)).toMatchObject({ flags: FIN | ACK, sequence: INITIAL + 4 });
    replies(5, ACK, { acknowledgment: INITIAL + 5 });
    expect(engine.counters).toMatchObject({ sessions_completed: 1, connections_again: 0 });
  });
});

describe('a client that has left', () => {
  test('is in doubt about last words that crossed the end of the test server', () => {
    const { engine, says, replies, leaves, doubtful } = open({ waitForAnswers: false });
    says(0, 2);
    leaves(1, 3);
    replies(5, ACK | FIN, { acknowledgment: INITIAL + 1 });
    expect(doubtful).toEqual([]);
    replies(6, ACK, { acknowledgment: INITIAL + 5 });
    expect(doubtful).toMatchObject([{ count: 1, sequence: INITIAL + 1, bytes: 3 }]);
    expect(engine.counters.requests_doubtful).toBe(1);
  });

  test('is not where the test server closed because it had heard of it', () => {
    const { engine, says, replies, leaves } = open({ waitForAnswers: false });
    says(0, 2);
    leaves(1, 3);
    replies(5, ACK | FIN, { acknowledgment: INITIAL + 5 });
    expect(engine.counters.requests_doubtful).toBe(0);
  });
});

describe('a client whose connection the test server resets', () => {
  test('is played on, and what was acknowledged but not answered is doubtful', () => {
    const { engine, says, replies, accepts, said, doubtful } = open();
    says(0, 2);
    replies(3, RST | ACK);
    expect(doubtful).toMatchObject([{ count: 1, sequence: INITIAL + 1, bytes: 3 }]);
    says(1, 4);
    accepts(5);
    engine.tick(25);
    expect(said()).toEqual(['one', 'two']);
    expect(engine.counters).toMatchObject({ connections_reset_by_test: 1, requests_doubtful: 1 });
  });

  test('is in doubt about its last words when it had left already', () => {
    const { engine, says, replies, leaves, doubtful } = open({ waitForAnswers: false });
    says(0, 2);
    leaves(1, 3);
    engine.tick(5);
    replies(6, ACK, { acknowledgment: INITIAL + 5 });
    replies(7, RST | ACK, { acknowledgment: INITIAL + 5 });
    expect(doubtful).toMatchObject([{ count: 1, sequence: INITIAL + 1, bytes: 3 }]);
    expect(engine.counters).toMatchObject({ sessions_completed: 1, requests_doubtful: 1 });
  });

  test('is in doubt about all that was in flight when the reset has no acknowledgment', () => {
    const { says, answers, replies, accepts, said, doubtful } = open();
    says(0, 2);
    answers(3);
    says(1, 4);
    replies(5, RST, { acknowledgment: 0 });
    says(2, 6);
    accepts(7);
    expect(said()).toEqual(['one', 'two', 'thr']);
    expect(doubtful).toMatchObject([{ count: 1, sequence: INITIAL + 4, bytes: 3 }]);
  });

  test('waits a moment for another reset before it says anything in the next connection', () => {
    const { engine, says, replies, accepts, said } = open();
    says(0, 2);
    replies(3, RST | ACK, { acknowledgment: INITIAL + 1 });
    accepts(4);
    expect(said()).toEqual(['one']);
    engine.tick(24);
    expect(said()).toEqual(['one', 'one']);
  });

  test('waits for it also where its words were acknowledged, but nothing answered', () => {
    const { engine, says, replies, accepts, said } = open();
    says(0, 2);
    replies(3, ACK);
    replies(3, RST | ACK);
    says(1, 4);
    accepts(5);
    replies(6, RST | ACK, { acknowledgment: INITIAL + 4 });
    engine.tick(200);
    expect(said()).toEqual(['one']);
    accepts(201);
    engine.tick(221);
    expect(said()).toEqual(['one', 'two']);
    expect(engine.counters).toMatchObject({ requests_doubtful: 1, requests_said_again: 0 });
  });

  test('does not wait where the test server had answered before', () => {
    const { says, answers, replies, accepts, said } = open();
    says(0, 2);
    answers(3);
    says(1, 4);
    replies(5, RST | ACK);
    says(2, 6);
    accepts(7);
    expect(said()).toEqual(['one', 'two', 'thr']);
  });

  test('is asked for again with back-off while the test server refuses, and given up after a minute', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.captured(words(INITIAL + 1, 1, 'one'), 1);
    const times: number[] = [];
    let refused = 0;
    for (let now_ms = 1; now_ms < 80_000 && engine.sessionCount > 0; now_ms += 1) {
      engine.tick(now_ms);
      const syns = packets.filter(({ flags }) => flags === SYN);
      if (syns.length === refused) continue;
      refused = syns.length;
      times.push(now_ms);
      const { sequence } = syns.at(-1)!;
      engine.replied({ ...synAck, acknowledgment: sequence + 1, flags: RST | ACK }, now_ms);
    }
    expect(times.slice(0, 7)).toEqual([1, 2, 102, 302, 702, 1502, 3102]);
    expect(times.length).toBeLessThan(22);
    expect(engine.counters).toMatchObject({
      'sessions_given_up_test-refused': 1,
      'requests_given_up_test-refused': 1,
    });
  });
});

describe('what is lost on its way to the test server', () => {
  test('is sent again after two round trips when it was the last segment, and then by the time-out', () => {
    const { engine, says, answers, said } = open();
    says(0, 2);
    answers(3);
    says(1, 10);
    engine.tick(13.9);
    expect(said()).toEqual(['one', 'two']);
    engine.tick(14);
    expect(said()).toEqual(['one', 'two', 'two']);
    engine.tick(100);
    expect(said()).toHaveLength(3);
    engine.tick(114);
    expect(said()).toHaveLength(4);
    expect(engine.counters.probes_tail_loss).toBe(1);
  });

  test('is sent again soon behind a duplicate acknowledgment, and before that not at all', () => {
    const { engine, packets, replies, said } = open();
    engine.captured(words(INITIAL + 1, 1, 'x'.repeat(1000)), 2);
    engine.captured(words(INITIAL + 1001, 1, 'y'.repeat(1000)), 2);
    replies(3, ACK, { acknowledgment: INITIAL + 1 });
    engine.tick(3.9);
    expect(said()).toHaveLength(2);
    engine.tick(4);
    expect(packets.at(-1)).toMatchObject({ sequence: INITIAL + 1 });
    expect(said()).toHaveLength(3);
  });
});

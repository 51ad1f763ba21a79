import type { Engine } from '../../../src/session/engine';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/wire/tcp';
import { copying, INITIAL, reply, segment, synAck, words } from './copying';

const FIRST = INITIAL + 1;

/** A copy that is open, and what it tells of answers: first and last byte, in milliseconds. */
function timing() {
  const told: [number, number][] = [];
  const { engine } = copying({}, { answered: (_, first_ms, last_ms) => told.push([first_ms, last_ms]) });
  engine.captured(segment({ flags: SYN }), 0);
  engine.replied(synAck, 1);
  const answer = (
    from: number,
    bytes: number,
    acknowledgment: number,
    at_ms: number,
    flags = ACK | PSH,
  ): void =>
    engine.replied(
      reply({ flags, sequence: synAck.sequence + from, payloadLength: bytes, acknowledgment }),
      at_ms,
    );
  return { engine, told, answer };
}

/** Ten bytes of the answer to the first request, by the clock of who caught them. */
const given = (at_ms: number, from: number): ReturnType<typeof reply> =>
  reply({
    flags: ACK | PSH,
    sequence: synAck.sequence + from,
    payloadLength: 10,
    acknowledgment: FIRST + 3,
    at_ms,
  });

const missing = ({ counters }: Engine): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counters).filter(([name, count]) => name.startsWith('answers_missing_') && count > 0),
  );

describe('response times', () => {
  test('are from the last byte of a request to the first and to the last payload of its answer', () => {
    const { engine, told, answer } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.captured(words(FIRST + 3, 1, ' /'), 12);
    answer(1, 100, FIRST + 5, 20, ACK);
    answer(101, 50, FIRST + 5, 27);
    engine.captured(words(FIRST + 5, 151, 'GET'), 40);
    expect(told).toEqual([[8, 15]]);
    answer(151, 10, FIRST + 8, 41, ACK | PSH | FIN);
    expect(told).toEqual([
      [8, 15],
      [1, 1],
    ]);
    expect(engine.counters.answers_timed).toBe(2);
    expect(missing(engine)).toEqual({});
  });

  test('end when the test server gave its answer, by the clock of who caught it, and not when that was heard', () => {
    const { engine, told } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.repliesCame([given(7013, 1), given(7014.5, 11)], 20, -7000);
    engine.captured(words(FIRST + 3, 21, 'GET'), 40);
    expect(told).toEqual([[3, 4.5]]);
  });

  test('are never below zero, and never end later than now, wherever clocks are thought to stand', () => {
    const { engine, told } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.repliesCame([given(9.5, 1), given(21, 11)], 20, 0);
    engine.captured(words(FIRST + 3, 21, 'GET'), 40);
    expect(told).toEqual([[0, 10]]);
  });

  test('do not begin with an acknowledgment, nor with what was under way before the request was heard', () => {
    const { engine, told, answer } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.replied(reply({ sequence: synAck.sequence + 1, acknowledgment: FIRST + 3 }), 11);
    answer(1, 7, FIRST, 12);
    answer(8, 100, FIRST + 3, 30, ACK | PSH | FIN);
    expect(told).toEqual([[20, 20]]);
  });

  test('are told of each answer once, and not of one that came again', () => {
    const { engine, told, answer } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    answer(1, 100, FIRST + 3, 20);
    answer(1, 100, FIRST + 3, 90);
    engine.captured(words(FIRST + 3, 101, 'GET'), 100);
    expect(told).toEqual([[10, 10]]);
  });

  test.each([
    ['closed', ACK | FIN],
    ['reset', ACK | RST],
  ])('are missing of a request whose connection the test server has %s', (how, flags) => {
    const { engine, told } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.replied(reply({ flags, sequence: synAck.sequence + 1, acknowledgment: FIRST + 3 }), 11);
    expect(told).toEqual([]);
    expect(missing(engine)).toEqual({ [`answers_missing_${how}`]: 1 });
  });

  test('are told to be missing where the online server did answer, and the test server has closed', () => {
    const { engine } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    const flags = ACK | FIN;
    engine.replied(reply({ flags, sequence: synAck.sequence + 1, acknowledgment: FIRST + 3 }), 11);
    engine.captured(segment({ flags: ACK, sequence: FIRST + 3, acknowledgment: 101 }), 20);
    expect(engine.counters.answers_online_only_closed).toBe(0);
    engine.captured(segment({ flags, sequence: FIRST + 3, acknowledgment: 101 }), 30);
    engine.replied(reply({ sequence: synAck.sequence + 2, acknowledgment: FIRST + 4 }), 31);
    for (let now_ms = 41; now_ms < 3000; now_ms += 100) engine.tick(now_ms);
    expect(engine.counters.answers_online_only_closed).toBe(1);
    expect(engine.counters.answers_test_only).toBe(0);
  });

  test('are told to be of the test server alone where the client got no answer online', () => {
    const { engine, answer } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    answer(1, 100, FIRST + 3, 20);
    engine.captured(segment({ flags: ACK | FIN, sequence: FIRST + 3, acknowledgment: 2 }), 30);
    engine.replied(
      reply({ flags: ACK | FIN, sequence: synAck.sequence + 101, acknowledgment: FIRST + 4 }),
      40,
    );
    for (let now_ms = 41; now_ms < 3000; now_ms += 100) engine.tick(now_ms);
    expect(engine.counters.sessions_completed).toBe(1);
    expect(engine.counters.answers_test_only).toBe(1);
  });

  test('are missing of a request that is not answered before the program ends', () => {
    const { engine } = timing();
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.shutdown(20);
    expect(missing(engine)).toEqual({ 'answers_missing_given-up': 1 });
  });

  test('are not guessed where a request overtook the answer before it', () => {
    const told: number[] = [];
    const { engine } = copying({ waitForAnswers: false }, { answered: (_, first_ms) => told.push(first_ms) });
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(FIRST, 1, 'GET'), 10);
    engine.captured(words(FIRST + 3, 101, 'GET'), 20);
    engine.replied(
      reply({
        flags: ACK | FIN,
        sequence: synAck.sequence + 1,
        payloadLength: 200,
        acknowledgment: FIRST + 6,
      }),
      21,
    );
    expect(told).toEqual([]);
    expect(missing(engine)).toEqual({ answers_missing_overtaken: 2 });
  });
});

import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp';
import { copying, INITIAL, reply, segment, synAck, words } from './copying';

const GET = 'GET /';
const SAID = INITIAL + 1 + GET.length;

/** A connection whose first request was answered by both servers, before packets were lost at 100 ms. */
function behindLoss(options = {}) {
  const copy = copying(options);
  const { engine } = copy;
  engine.captured(segment({ flags: SYN }), 0);
  engine.replied(synAck, 1);
  engine.captured(words(INITIAL + 1, 1, GET), 2);
  engine.replied(reply({ sequence: 5001, acknowledgment: SAID, payloadLength: 10, flags: ACK | PSH }), 3);
  engine.captured(segment({ flags: ACK, sequence: SAID, acknowledgment: 11 }), 4);
  engine.lossReported(100);
  return copy;
}

/** The test server closes, too, and acknowledges our FIN. */
const closed = reply({ sequence: 5011, acknowledgment: SAID + 1, flags: ACK | FIN });

describe('behind a loss of packets that the kernel reported', () => {
  test('the copy of a client that is not heard any more ends without a request lost', () => {
    const { engine, sent } = behindLoss();
    engine.tick(4900);
    expect(sent.at(-1)! & FIN).toBe(0);
    engine.tick(5200);
    expect(sent.at(-1)! & FIN).toBe(FIN);
    engine.replied(closed, 5201);
    engine.tick(7000);
    expect(engine.sessionCount).toBe(0);
    expect(engine.counters).toMatchObject({
      'sessions_given_up_capture-hole': 1,
      'requests_given_up_capture-hole': 0,
      requests_sent: 1,
    });
  });

  test('a client that had only been silent is joined again at its next request', () => {
    const { engine } = behindLoss();
    engine.tick(5200);
    engine.replied(closed, 5201);
    engine.tick(7000);
    expect(engine.captured(words(SAID, 11, GET), 60_000)).toBeUndefined();
    expect(engine.counters).toMatchObject({ sessions_joined: 1, requests_captured: 2 });
  });

  test('the copy of a client that is heard goes on', () => {
    const { engine, sent } = behindLoss();
    engine.captured(words(SAID, 11, GET), 3000);
    engine.replied(reply({ sequence: 5011, acknowledgment: SAID + GET.length }), 3001);
    engine.tick(30_000);
    expect(sent.some((flags) => (flags & FIN) !== 0)).toBe(false);
    expect(engine.sessionCount).toBe(1);
  });

  test('a client that waits for an answer may be silent for longer', () => {
    const { engine, sent } = copying();
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.captured(words(INITIAL + 1, 1, GET), 2);
    engine.lossReported(100);
    engine.replied(reply({ sequence: 5001, acknowledgment: SAID }), 101);
    engine.tick(59_000);
    expect(sent.at(-1)! & FIN).toBe(0);
    engine.tick(61_000);
    expect(sent.at(-1)! & FIN).toBe(FIN);
  });
});

test('words that were not captured are missed once their client says something behind them without words', () => {
  const { engine } = copying();
  engine.captured(segment({ flags: SYN }), 0);
  engine.replied(synAck, 1);
  engine.captured(words(INITIAL + 1, 1, GET), 2);
  engine.captured(segment({ flags: ACK, sequence: SAID + 100, acknowledgment: 11 }), 3);
  engine.tick(2900);
  expect(engine.sessionCount).toBe(1);
  engine.tick(3100);
  expect(engine.counters['sessions_given_up_capture-hole']).toBe(1);
});

test('words that come behind what their client said later are not missed', () => {
  const { engine } = copying();
  engine.captured(segment({ flags: SYN }), 0);
  engine.replied(synAck, 1);
  engine.captured(segment({ flags: ACK, sequence: SAID, acknowledgment: 11 }), 2);
  engine.captured(words(INITIAL + 1, 1, GET), 3);
  engine.tick(3100);
  expect(engine.counters['sessions_given_up_capture-hole']).toBe(0);
});

import { ACK, FIN, RST, SYN } from '../../../src/wire/tcp';
import { copying, route, segment, synAck, words } from './copying';

describe('the engine, with a connection whose SYN it did not see', () => {
  test('waits for the first request that begins behind an answer', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'the end of a request'), 0);
    expect(packets).toEqual([]);
    engine.captured(words(520, 90, 'a request'), 1);
    expect(packets).toMatchObject([{ flags: SYN, sequence: 519 }]);
    engine.replied({ ...synAck, acknowledgment: 520 }, 2);
    expect(packets.at(-1)).toMatchObject({ sequence: 520, payload: 'a request' });
    expect(engine.counters).toMatchObject({ sessions_joined: 1, 'segments_dropped_not-joined': 1 });
  });

  test('does not take a pause between two segments of one request for its beginning', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: ACK, sequence: 500, acknowledgment: 10, payload: 'first' }), 0);
    engine.captured(segment({ flags: ACK, sequence: 505, acknowledgment: 90, payload: 'second' }), 1);
    engine.captured(words(511, 90, 'third'), 2);
    expect(packets).toEqual([]);
  });

  test('joins it with the first words behind a silence', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 1500);
    expect(packets).toMatchObject([{ flags: SYN, sequence: 499 }]);
  });

  test('lets go of it when the beginning of the words that it was joined with comes behind them', () => {
    const { engine, packets } = copying();
    engine.captured(words(507, 10, 'quest'), 1500);
    engine.captured(words(500, 10, 'a request'), 1500.1);
    expect(packets.map(({ flags }) => flags)).toEqual([SYN, RST]);
    expect(engine.counters['sessions_given_up_capture-hole']).toBe(1);
    engine.captured(words(512, 90, 'another request'), 1600);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 511 });
  });

  test('goes on when its client asks whether the connection is alive', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 1500);
    engine.captured(segment({ flags: ACK, sequence: 499, acknowledgment: 10, payload: '.' }), 9000);
    expect(packets).toHaveLength(1);
    expect(engine.sessionCount).toBe(1);
  });

  test('joins it when an acknowledgment showed that an answer was read', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: ACK, sequence: 500, acknowledgment: 10 }), 0);
    engine.captured(words(500, 10, 'a request'), 1);
    expect(packets).toHaveLength(1);
  });

  test('joins behind an answer, not with the rest of a request whose beginning found no room', () => {
    const { engine, packets, registered } = copying({ sessions_max: 1 });
    engine.captured(segment({ flags: SYN, port: 1 }), 0);
    engine.captured(words(500, 10, 'first half'), 2000);
    expect(engine.counters['segments_dropped_table-full']).toBe(1);
    engine.unroutable({ ...route, clientPort: 1 }, 2001);
    for (let time = 0; engine.sessionCount > 0; time += 1)
      engine.unroutable(registered.at(-1)!, 2001 + time / 10);
    expect(engine.sessionCount).toBe(0);
    const before = packets.length;
    engine.captured(words(510, 10, 'second half'), 2002);
    expect(packets).toHaveLength(before);
    engine.captured(words(521, 90, 'another request'), 2003);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 520 });
  });

  test('takes late words of a connection that is over for what they are', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: ACK | FIN, sequence: 530, acknowledgment: 10 }), 2000);
    engine.captured(words(500, 10, 'a request, seen again'), 2001);
    expect(packets).toEqual([]);
  });

  test('takes the end of an earlier connection, seen late, for what it is', () => {
    const { engine, packets } = copying();
    engine.captured(segment({ flags: ACK, sequence: 50_000, acknowledgment: 10 }), 0);
    engine.captured(segment({ flags: ACK | FIN, sequence: 530, acknowledgment: 10 }), 1);
    engine.captured(words(50_000, 90, 'a request'), 2);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 49_999 });
  });

  test('does not join behind a hole, not even after a silence', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 0);
    engine.captured(words(700, 10, 'something later'), 1500);
    expect(packets).toEqual([]);
    engine.captured(words(715, 90, 'the next request'), 1501);
    expect(packets.at(-1)).toMatchObject({ flags: SYN, sequence: 714 });
  });

  test('resets a remnant that stands just where it joins, but only when nothing else answers', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 1500);
    const remnant = { ...synAck, sequence: 9000, acknowledgment: 500, flags: ACK };
    engine.replied(remnant, 1501);
    expect(packets.map(({ flags }) => flags)).toEqual([SYN]);
    engine.tick(1702);
    expect(packets.slice(1)).toMatchObject([
      { flags: RST, sequence: 500 },
      { flags: SYN, sequence: 499 },
    ]);
  });

  test('answers acknowledgments that were under way with one reset, not with a storm of them', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 1500);
    for (const acknowledgment of [300, 350, 400, 450]) {
      engine.replied({ ...synAck, sequence: 9000, acknowledgment, flags: ACK }, 1501);
    }
    expect(packets.map(({ flags }) => flags)).toEqual([SYN, RST, SYN]);
    engine.replied({ ...synAck, acknowledgment: 500 }, 1502);
    expect(packets.at(-1)).toMatchObject({ payload: 'a request', sequence: 500 });
  });

  test('does not join behind a hole', () => {
    const { engine, packets } = copying();
    engine.captured(words(500, 10, 'a request'), 0);
    engine.captured(words(700, 90, 'something later'), 1);
    expect(packets).toEqual([]);
  });

  test('leaves it alone when only whole connections are copied', () => {
    const { engine, packets } = copying({ wholeConnectionsOnly: true });
    engine.captured(words(500, 10, 'a request'), 1500);
    engine.captured(words(509, 90, 'another'), 1501);
    expect(packets).toEqual([]);
    expect(engine.counters['segments_dropped_no-session']).toBe(2);
  });
});

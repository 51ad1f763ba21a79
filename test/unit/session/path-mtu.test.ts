import { PSH, ACK, SYN } from '../../../src/wire/tcp';
import { copying, INITIAL, reply, route, segment, synAck, TEST, words } from './copying';

const LONG = 'x'.repeat(1460);

/** A client's segment of full size is under way. */
function underWay() {
  const copy = copying();
  copy.engine.captured(segment({ flags: SYN }), 0);
  copy.engine.replied(synAck, 1);
  copy.engine.captured(words(INITIAL + 1, 1, LONG), 2);
  return copy;
}

const lengths = (packets: readonly { payload: string }[]): number[] =>
  packets.map(({ payload }) => payload.length).filter((length) => length > 0);

describe('a router that says that packets are too big', () => {
  test('has what was lost cut to what the path takes, and all that comes behind it', () => {
    const { engine, packets } = underWay();
    expect(engine.tooBig({ route, sequence: INITIAL + 1, mtu_bytes: 1000 })).toBe(true);
    for (let time = 3; time < 2000; time += 50) engine.tick(time);
    engine.replied(reply({ sequence: 5001, acknowledgment: INITIAL + 1 + 960 }), 2000);
    engine.replied(reply({ sequence: 5001, acknowledgment: INITIAL + 1461, flags: ACK | PSH }), 2001);
    expect(lengths(packets)[0]).toBe(1460);
    expect(lengths(packets).slice(1)).toContain(960);
    expect(Math.max(...lengths(packets).slice(1))).toBe(960);
    expect(engine.counters.packets_too_big).toBe(1);
    // Others are told of it in their handshake.
    engine.captured(segment({ flags: SYN, port: 40_001 }), 2002);
    engine.replied({ ...synAck, clientPort: 40_001 }, 2003);
    const before = packets.length;
    engine.captured(segment({ flags: ACK | PSH, port: 40_001, sequence: INITIAL + 1, payload: LONG }), 2004);
    expect(lengths(packets.slice(before))).toEqual([960, 500]);
  });

  test.each([
    ['of a connection that is none', { route: { ...route, clientPort: 1 }, sequence: INITIAL + 1 }],
    ['of what was not said yet', { route, sequence: INITIAL + 1461 }],
    ['of what was acknowledged before', { route, sequence: INITIAL }],
    ['of another test server', { route: { ...route, serverAddress: TEST + 1 }, sequence: INITIAL + 1 }],
  ])('is not believed when it speaks %s', (_, said) => {
    const { engine, packets } = underWay();
    expect(engine.tooBig({ ...said, mtu_bytes: 600 })).toBe(false);
    for (let time = 3; time < 2000; time += 50) engine.tick(time);
    expect(new Set(lengths(packets))).toEqual(new Set([1460]));
    expect(engine.counters.packets_too_big).toBe(0);
  });

  test('concerns the test server behind it alone', () => {
    const other = { onlineAddress: undefined, onlinePort: 81, testAddress: TEST + 1, testPort: 8080 };
    const { engine, packets } = copying({
      transfers: [{ onlineAddress: undefined, onlinePort: 80, testAddress: TEST, testPort: 8080 }, other],
    });
    engine.captured(segment({ flags: SYN }), 0);
    engine.replied(synAck, 1);
    engine.limitMtu(1000, TEST + 1);
    engine.captured(words(INITIAL + 1, 1, LONG), 2);
    expect(lengths(packets)).toEqual([1460]);
  });
});

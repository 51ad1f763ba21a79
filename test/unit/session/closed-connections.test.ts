import { ClosedConnections } from '../../../src/session/connection/closed-connections';
import { emptySegmentView, type SegmentView } from '../../../src/wire/segment';
import { ACK, SYN } from '../../../src/wire/tcp';

const KEY = 0xc612_0a0a * 0x10000 + 40_000;
const INITIAL = 0xffff_fff0;

const segment = (offset: number, flags = ACK): SegmentView => ({
  ...emptySegmentView(),
  sequence: (INITIAL + offset) >>> 0,
  flags,
});

/** One whose client said 100 bytes and its FIN. */
function closedAt(now_ms: number): ClosedConnections {
  const closed = new ClosedConnections();
  closed.remember(KEY, INITIAL, 101, 101, now_ms);
  return closed;
}

describe('connections that are over', () => {
  test('know what their clients say of them, and what lies behind their end', () => {
    const found = closedAt(0).find(KEY, 10)!;
    expect(found.isBegunBy(segment(0, SYN))).toBe(true);
    expect(found.isBegunBy(segment(5000, SYN))).toBe(false);
    expect([1, 101, 102].map((offset) => found.isBefore(segment(offset)))).toEqual([false, false, false]);
    expect([103, 5000].map((offset) => found.isBefore(segment(offset)))).toEqual([true, true]);
  });

  test.each([0, 1999, 12_345])('are known for two seconds, and not for long, from %i ms on', (from_ms) => {
    const closed = closedAt(from_ms);
    expect(closed.find(KEY, from_ms + 1999)).toBeDefined();
    expect(closed.find(KEY, from_ms + 4000)).toBeUndefined();
  });

  test('are known for two seconds however others come and go', () => {
    const closed = new ClosedConnections();
    closed.remember(1, 0, 1, 1, 0);
    closed.remember(KEY, INITIAL, 101, 101, 1999);
    closed.remember(2, 0, 1, 1, 2001);
    expect(closed.find(KEY, 3998)).toBeDefined();
    expect(closed.find(1, 4001)).toBeUndefined();
  });

  test('are forgotten when another one begins on their port', () => {
    const closed = closedAt(0);
    closed.remember(2, 0, 1, 1, 0);
    closed.forget(KEY);
    expect(closed.find(KEY, 1)).toBeUndefined();
    expect(closed.find(2, 1)).toBeDefined();
  });
});

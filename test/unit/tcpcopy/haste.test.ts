import { Haste } from '../../../src/tcpcopy/copying/haste';

const ARMED = true;
const SUSPENDED = false;

describe('what intercept says', () => {
  test('is waited for while the guard is not armed, so that copies go on as soon as it is', () => {
    const haste = new Haste({ hurry: () => undefined });
    expect(haste.isAwaited(0, ARMED, 0)).toBe(false);
    expect(haste.isAwaited(0, SUSPENDED, 0)).toBe(true);
  });

  test('is waited for behind the beginning of a connection, and behind a question', () => {
    const haste = new Haste({ hurry: () => undefined });
    haste.begins(1000);
    haste.asks(1001);
    expect([1001, 1199, 1200].map((now_ms) => haste.isAwaited(now_ms, ARMED, 100))).toEqual([
      true,
      true,
      false,
    ]);
    haste.asks(2000);
    expect([2009, 2010].map((now_ms) => haste.isAwaited(now_ms, ARMED, 100))).toEqual([true, false]);
  });

  test('is waited for while more is under way than a connection begins with', () => {
    const haste = new Haste({ hurry: () => undefined });
    expect(haste.isAwaited(0, ARMED, 1460)).toBe(false);
    expect(haste.isAwaited(0, ARMED, 64 * 1024)).toBe(true);
  });

  test('is hurried ten times a second at most', () => {
    let asked = 0;
    const haste = new Haste({ hurry: () => void (asked += 1) });
    expect([0, 50, 99, 100, 150, 200].map((now_ms) => haste.hurryIntercepts(now_ms))).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(asked).toBe(3);
  });
});

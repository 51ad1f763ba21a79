import {
  CREDIT_MAX_MS,
  Patience,
  SHARE_OF_REQUEST_MS,
  SINGLE_MAX_MS,
} from '../../../src/session/exchange/patience';

const patience = (): Patience => new Patience({ learnedMax_ms: 750, grace_ms: 1 });

/** Waits in vain for as long as it may, again and again, from `from_ms`; returns how long in all. */
function waitInVain(of: Patience, times: number, from_ms = 0): number {
  let now_ms = from_ms;
  for (let time = 0; time < times; time += 1) {
    const begun_ms = now_ms;
    now_ms += of.allowance_ms();
    of.vain(begun_ms, now_ms);
  }
  return now_ms - from_ms;
}

describe('patience', () => {
  test('waits for one credit in vain, however often, and never for longer than a single wait', () => {
    const of = patience();
    expect(of.allowance_ms()).toBe(SINGLE_MAX_MS);
    expect(waitInVain(of, 100)).toBe(CREDIT_MAX_MS);
    expect(of.allowance_ms()).toBe(0);
  });

  test('counts waits at the same time once', () => {
    const of = patience();
    expect(of.vain(0, 200)).toBe(true);
    expect(of.vain(50, 200)).toBe(false);
    expect(of.allowance_ms()).toBe(CREDIT_MAX_MS - 200);
  });

  test('waits for what was learned, and half as long again', () => {
    const of = patience();
    of.paid(400, 0);
    expect(of.allowance_ms()).toBe(601);
    of.paid(10_000, 0);
    expect(of.allowance_ms()).toBe(750);
  });

  test('earns a share for each request that was said, once it has evidence that waiting pays', () => {
    const of = patience();
    waitInVain(of, 10);
    expect(of.allowance_ms()).toBe(0);
    of.paid(30, 5);
    expect(of.allowance_ms()).toBe(46);
    // Never more in all than the shares allow, but for the wait that overdraws them.
    let waited_ms = 0;
    for (let request = 0; request < 1000; request += 1) {
      waited_ms += waitInVain(of, 1, (request + 10) * 1000);
      of.paid(30, 6 + request);
    }
    expect(waited_ms).toBeLessThan(1000 * SHARE_OF_REQUEST_MS + 46 + 5 * SHARE_OF_REQUEST_MS);
    expect(waited_ms).toBeGreaterThan(500 * SHARE_OF_REQUEST_MS);
  });

  test('forgets in vain waits what no longer fits', () => {
    const of = patience();
    of.paid(100, 0);
    waitInVain(of, 3);
    of.paid(1, 20);
    expect(of.allowance_ms()).toBeLessThan(50);
  });

  test('is longer where something is known to be worth waiting for, and is paid from the same credit', () => {
    const of = patience();
    expect(of.allowance_ms(400)).toBe(400);
    of.vain(0, 400);
    expect(of.allowance_ms(400)).toBe(0);
  });
});

import { PeerClock } from '../../../../src/answers/times/peer-clock';

/** The other clock is so far behind ours. */
const BEHIND_MS = 50_000.25;

/** A question at `at_ms` that is under way for so long, and is answered at once. */
function ask(clock: PeerClock, number: number, at_ms: number, there_ms: number, back_ms: number): number {
  const heard_ms = at_ms + there_ms - BEHIND_MS;
  clock.asked(number, at_ms);
  clock.heard(number, heard_ms, heard_ms, at_ms + there_ms + back_ms);
  return at_ms + there_ms + back_ms;
}

describe("another machine's clock", () => {
  test('is not known before both ways were heard of', () => {
    const clock = new PeerClock();
    expect(clock.reading(0)).toBeUndefined();
    clock.asked(1, 0);
    expect(clock.reading(1)).toBeUndefined();
    clock.heard(0, 1, 1, 1);
    expect(clock.reading(1)).toBeUndefined();
  });

  test('is known to half of the quickest round trip, and lies within that error', () => {
    const clock = new PeerClock();
    const now_ms = ask(clock, 1, 1000, 0.3, 0.1);
    const { ahead_ms, error_ms } = clock.reading(now_ms)!;
    expect(error_ms).toBeCloseTo(0.2, 6);
    expect(ahead_ms - BEHIND_MS).toBeCloseTo(-0.1, 6);
  });

  test('is bounded by the quickest of each way, be they of different questions', () => {
    const clock = new PeerClock();
    ask(clock, 1, 1000, 0.05, 20);
    ask(clock, 2, 1100, 20, 0.05);
    const now_ms = ask(clock, 3, 1200, 7, 3);
    const { ahead_ms, error_ms } = clock.reading(now_ms)!;
    expect(error_ms).toBeLessThan(0.06);
    expect(Math.abs(ahead_ms - BEHIND_MS)).toBeLessThanOrEqual(error_ms);
  });

  test('is less sure with time, as clocks part, and forgets what is old', () => {
    const clock = new PeerClock();
    const now_ms = ask(clock, 1, 1000, 0.05, 0.05);
    expect(clock.reading(now_ms + 4000)!.error_ms).toBeCloseTo(0.11, 2);
    let last_ms = now_ms;
    for (let number = 2; number < 40; number += 1) last_ms = ask(clock, number, number * 1000, 4, 6);
    expect(clock.reading(last_ms)!.error_ms).toBeGreaterThan(4.9);
  });

  test('keeps to what is true where it drifts as much as clocks do', () => {
    const clock = new PeerClock();
    const behind_ms = (at_ms: number): number => BEHIND_MS + at_ms * 14e-6;
    for (let number = 1; number < 400; number += 1) {
      const at_ms = number * 100;
      const way_ms = 0.02 + ((number * 37) % 11) / 20;
      clock.asked(number, at_ms);
      const heard_ms = at_ms + way_ms - behind_ms(at_ms + way_ms);
      const now_ms = at_ms + 2 * way_ms;
      clock.heard(number, heard_ms, heard_ms, now_ms);
      const { ahead_ms, error_ms } = clock.reading(now_ms)!;
      expect(Math.abs(ahead_ms - behind_ms(now_ms))).toBeLessThanOrEqual(error_ms);
    }
  });

  test('is another one when another intercept answers', () => {
    const clock = new PeerClock();
    const now_ms = ask(clock, 1, 1000, 0.1, 0.1);
    clock.reset();
    expect(clock.reading(now_ms)).toBeUndefined();
  });

  test('is not learned from answers to questions that nobody asked, or too long ago', () => {
    const clock = new PeerClock();
    clock.asked(1, 0);
    clock.heard(17, 0, 0, 1);
    expect(clock.reading(1)).toBeUndefined();
    clock.heard(1, 10_000, 10_000, 10_001);
    expect(clock.reading(10_001)).toBeUndefined();
  });
});

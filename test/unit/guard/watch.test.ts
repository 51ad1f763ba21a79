import { GuardWatch, SILENCE_MAX_MS, SUSPENDED_MAX_MS } from '../../../src/guard/watch';
import { ARMED, type Guard } from '../../../src/wire/guard';

const MISSED: Guard = { level: 'suspended', reason: 'missed' };
const STOPPING: Guard = { level: 'disarmed', reason: 'stopping' };

/** Said at this time, by a clock that stands elsewhere, and heard so much later. */
const say = (watch: GuardWatch, name: string, guard: Guard, at_ms: number, late_ms = 0): void =>
  watch.said(name, guard, at_ms + 5_000_000, at_ms + late_ms);

describe('the watch over the guard', () => {
  test('is armed once every intercept is', () => {
    const watch = new GuardWatch(['a', 'b']);
    say(watch, 'a', ARMED, 0);
    expect(watch.level(1)).toBe('disarmed');
    expect(watch.reasons(1)).toEqual([{ name: 'b', reason: 'not connected yet' }]);
    say(watch, 'b', ARMED, 2);
    expect(watch.level(3)).toBe('armed');
    expect(watch.reasons(3)).toEqual([]);
  });

  test('is suspended at once when one of them misses a canary, and armed again', () => {
    const watch = new GuardWatch(['a', 'b']);
    for (const name of ['a', 'b']) say(watch, name, ARMED, 0);
    expect(watch.level(0)).toBe('armed');
    say(watch, 'b', MISSED, 10);
    expect(watch.level(10)).toBe('suspended');
    expect(watch.reasons(10)).toEqual([{ name: 'b', reason: 'missed' }]);
    say(watch, 'a', ARMED, 20);
    say(watch, 'b', ARMED, 20);
    expect(watch.level(20)).toBe('armed');
  });

  test('gives what an intercept says as the reason, and not the silence of others that nobody asks meanwhile', () => {
    const watch = new GuardWatch(['a', 'b']);
    for (const name of ['a', 'b']) say(watch, name, ARMED, 0);
    say(watch, 'b', MISSED, 10);
    for (const now_ms of [11, 500, 10_000])
      expect(watch.reasons(now_ms)).toEqual([{ name: 'b', reason: 'missed' }]);
    say(watch, 'b', ARMED, 10_000);
    expect(watch.reasons(10_001)).toEqual([
      { name: 'a', reason: expect.stringContaining('10001 ms') as string },
    ]);
  });

  test('is suspended by silence, and says how long it has lasted', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', ARMED, 0);
    expect(watch.level(SILENCE_MAX_MS)).toBe('armed');
    expect(watch.level(SILENCE_MAX_MS + 1)).toBe('suspended');
    expect(watch.reasons(SILENCE_MAX_MS + 1)[0]!.reason).toContain(`${SILENCE_MAX_MS + 1} ms`);
  });

  test('counts what was long under way from when it was said', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', ARMED, 0);
    say(watch, 'a', ARMED, 50, 60);
    expect(watch.level(130)).toBe('armed');
    // Stale when it arrives: somebody was stopped meanwhile.
    say(watch, 'a', ARMED, 150, 1000);
    expect(watch.level(1150)).toBe('suspended');
  });

  test('says until when all of them catch, also while it still counts as armed', () => {
    const watch = new GuardWatch(['a', 'b']);
    expect(watch.caughtUntil_ms).toBe(-Infinity);
    say(watch, 'a', ARMED, 0);
    say(watch, 'b', ARMED, 20);
    expect(watch.caughtUntil_ms).toBe(SILENCE_MAX_MS);
    say(watch, 'a', ARMED, 30);
    expect(watch.caughtUntil_ms).toBe(20 + SILENCE_MAX_MS);
    say(watch, 'a', STOPPING, 40);
    expect(watch.caughtUntil_ms).toBe(20 + SILENCE_MAX_MS);
    say(watch, 'b', MISSED, 50);
    expect(watch.caughtUntil_ms).toBe(-Infinity);
  });

  test('is disarmed when the guard does not come back, until it does', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', ARMED, 0);
    watch.level(0);
    watch.lost('a', 'gone');
    expect(watch.level(10)).toBe('suspended');
    expect(watch.level(10 + SUSPENDED_MAX_MS - 1)).toBe('suspended');
    expect(watch.level(10 + SUSPENDED_MAX_MS)).toBe('disarmed');
    expect(watch.suspensions).toBe(1);
    watch.said('a', ARMED, 7, 9000);
    expect(watch.level(9000)).toBe('armed');
  });

  test('was never armed, and so is never suspended', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', MISSED, 0);
    expect(watch.level(1)).toBe('disarmed');
    expect(watch.suspensions).toBe(0);
  });

  test('is disarmed in order by an intercept that stops, without a suspension', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', ARMED, 0);
    expect(watch.level(0)).toBe('armed');
    say(watch, 'a', STOPPING, 1);
    expect(watch.level(1)).toBe('disarmed');
  });

  test('asks before something is sent, and not for each packet; behind a rest nothing counts as lost', () => {
    const watch = new GuardWatch(['a']);
    say(watch, 'a', ARMED, 0);
    watch.level(0);
    expect(watch.mustAsk(0)).toBe(true);
    expect(watch.mustAsk(499)).toBe(false);
    expect(watch.mustAsk(500)).toBe(true);
    expect(watch.isAtRest(1400)).toBe(false);
    expect(watch.isAtRest(1500)).toBe(true);
    expect(watch.mustAsk(5000)).toBe(true);
    expect(watch.level(5000)).toBe('suspended');
    say(watch, 'a', ARMED, 5001);
    expect(watch.level(5001)).toBe('armed');
    expect(watch.suspensions).toBe(0);
  });

  test('asks again as soon as there is somebody who hears it', () => {
    const watch = new GuardWatch(['a']);
    expect(watch.mustAsk(0)).toBe(true);
    say(watch, 'a', ARMED, 10);
    expect(watch.mustAsk(11)).toBe(true);
    say(watch, 'a', ARMED, 20);
    expect(watch.mustAsk(21)).toBe(false);
    watch.lost('a', 'gone');
    expect(watch.mustAsk(520)).toBe(true);
    say(watch, 'a', ARMED, 530);
    expect(watch.mustAsk(531)).toBe(true);
  });
});

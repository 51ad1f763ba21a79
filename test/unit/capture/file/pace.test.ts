import { Lateness } from '../../../../src/capture/file/lateness';
import { Pace, type PaceOptions } from '../../../../src/capture/file/pace';

/** When packets with these times in the capture (seconds) are due, the clock starting at 1,000 ms. */
function due(timestamps: readonly number[], options: Partial<PaceOptions> = {}): number[] {
  const pace = new Pace({ speed: 1, silenceMax_ms: Infinity, ...options });
  return timestamps.map((timestamp) => {
    pace.advance(timestamp);
    return Math.round(pace.dueAt_ms(1000));
  });
}

test('packets are due as far apart as they were captured', () => {
  expect(due([50, 50.5, 51, 60])).toEqual([1000, 1500, 2000, 11_000]);
});

test('a speed divides the time between them', () => {
  expect(due([50, 51, 60], { speed: 10 })).toEqual([1000, 1100, 2000]);
  expect(due([50, 51], { speed: 0.5 })).toEqual([1000, 3000]);
});

test('silences are shortened before the speed divides them', () => {
  expect(due([50, 50.1, 60, 60.2], { silenceMax_ms: 500 })).toEqual([1000, 1100, 1600, 1800]);
  expect(due([50, 60], { silenceMax_ms: 500, speed: 5 })).toEqual([1000, 1100]);
});

test('packets out of order are due at once, and delay nothing behind them', () => {
  expect(due([50, 50.4, 50.3, 50.5])).toEqual([1000, 1400, 1400, 1500]);
});

test('a clock that was put back goes on from there', () => {
  expect(due([5000, 5001, 100, 101])).toEqual([1000, 2000, 2000, 3000]);
});

test('a pause makes everything due as much later', () => {
  const pace = new Pace({ speed: 1, silenceMax_ms: Infinity });
  pace.advance(50);
  pace.paused(700);
  expect(pace.dueAt_ms(1000)).toBe(1000);
  pace.paused(300);
  pace.advance(51);
  expect(pace.dueAt_ms(2000)).toBe(2300);
});

test('lateness is told as what a share of all stayed within', () => {
  const lateness = new Lateness();
  expect(lateness.within_ms(0.5)).toBeUndefined();
  for (let one = 0; one < 99; one += 1) lateness.note(one % 2 ? 0.4 : -0.4);
  lateness.note(50);
  expect(lateness.within_ms(0.5)).toBeGreaterThanOrEqual(0.4);
  expect(lateness.within_ms(0.5)).toBeLessThan(0.51);
  expect(lateness.within_ms(0.99)).toBeLessThan(0.51);
  expect(lateness.within_ms(1)).toBeGreaterThanOrEqual(50);
  lateness.note(0);
  lateness.note(1e12);
  expect(lateness.within_ms(1)).toBeGreaterThan(1000);
});

import { markOf, timeOf } from '../../../src/verdict/mark';

test.each([0.001, 5, 71 * 60_000, 3 * 24 * 3_600_000, 1.5e9])(
  'a mark tells when a packet came to the microsecond, read up to an hour later, %d ms after the clock began',
  (at_ms) => {
    for (const later_ms of [0, 0.5, 1000, 3_600_000])
      expect(timeOf(markOf(at_ms), at_ms + later_ms)).toBeCloseTo(at_ms, 2);
  },
);

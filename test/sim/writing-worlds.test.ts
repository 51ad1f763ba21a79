import { jest } from '@jest/globals';
import { Lengths } from '../../src/session/exchange/lengths';
import { doubtInWorlds } from './world/expect-worlds';
import { LENGTH_NAMES, writingPlan } from './world/plan/writing';
import { playPlan } from './world/play';

/** So many times more than it must may be told to be in doubt. */
const OVERTOLD_MAX = 2.5;
/** Of the requests that were lost, for want of an answer that was as long, or came in as many writes. */
const UNTOLD_MAX = 0.02;
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe('while a test server answers in writes of any sizes and at any times, stalls, and closes', () => {
  test.each(LENGTH_NAMES)('what it did not read is told to be in doubt: answers are %s', (length) => {
    const { doubtful, unread, untold } = doubtInWorlds((seed) => writingPlan(seed, length), SEEDS, Infinity);
    expect(untold).toBeLessThan(unread * UNTOLD_MAX);
    expect(doubtful).toBeGreaterThanOrEqual(unread);
    expect(doubtful).toBeLessThan(unread * OVERTOLD_MAX);
  });

  test.each(LENGTH_NAMES)(
    'less than one a connection is told without need where it does not stall: %s',
    (length) => {
      const planOf = (seed: number) => ({ ...writingPlan(seed, length), events: [] });
      const { doubtful, unread, ended } = doubtInWorlds(planOf, SEEDS, Infinity);
      expect(doubtful - unread).toBeLessThan(ended);
    },
  );

  test('an engine is found that takes the rest of an answer for the answer to the next words', () => {
    const longest = jest.spyOn(Lengths.prototype, 'longest_bytes').mockImplementation((bytes) => bytes);
    const writes = jest.spyOn(Lengths.prototype, 'writesMax', 'get').mockReturnValue(1);
    let [unread, untold] = [0, 0];
    for (const seed of SEEDS) {
      const report = playPlan(writingPlan(seed, 'longer'));
      unread += report.unread;
      untold += report.untold;
    }
    longest.mockRestore();
    writes.mockRestore();
    expect(untold).toBeGreaterThan(unread * UNTOLD_MAX);
  });
});

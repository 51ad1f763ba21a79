import { KNOWN_BAD } from './world/known-bad';
import { play } from './world/play';

/** Enough worlds to meet every fault; the sound engine passes ten thousand and more. */
const SEEDS = 60;

describe('the simulator finds an engine that', () => {
  test.each(Object.entries(KNOWN_BAD))('%s', (_, makeEngine) => {
    const found = Array.from({ length: SEEDS }, (_, index) => index + 1).some((seed) => {
      try {
        return play(seed, { makeEngine }).violations.length > 0;
      } catch {
        return true; // the simulated test server met something that no TCP may send
      }
    });
    expect(found).toBe(true);
  });
});

import { KNOWN_BAD } from './world/known-bad/known-bad';
import { play } from './world/play';
import { tellingSeeds } from './world/known-bad/telling-seeds';

/** Worlds that each bad engine is given; the sound one passes tens of thousands. */
const SEEDS = 400;

describe('the simulator finds an engine that', () => {
  test.each(Object.entries(KNOWN_BAD))('%s', (_, makeEngine) => {
    const found = tellingSeeds(SEEDS).find((seed) => play(seed, { makeEngine }).violations.length > 0);
    expect(found).toBeDefined();
  });

  test('has a reset answered that it sent without a guard, and names it', () => {
    const makeEngine = KNOWN_BAD['resets with a number that is not expected']!;
    const named = 'a reset that was sent without a guard was answered';
    const found = tellingSeeds(SEEDS).find((seed) => play(seed, { makeEngine }).violations.includes(named));
    expect(found).toBeDefined();
  });
});

import { KNOWN_BAD } from './world/known-bad';
import { play } from './world/play';

/** Worlds that each bad engine is given; the sound one passes tens of thousands. */
const SEEDS = 400;

describe('the simulator finds an engine that', () => {
  test.each(Object.entries(KNOWN_BAD))('%s', (_, makeEngine) => {
    const found = Array.from({ length: SEEDS }, (_seed, index) => index + 1).find(
      (seed) => play(seed, { makeEngine }).violations.length > 0,
    );
    expect(found).toBeDefined();
  });
});

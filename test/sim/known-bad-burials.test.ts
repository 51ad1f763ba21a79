import { KNOWN_BAD_BURIALS } from './world/known-bad/known-bad-burials';
import { play } from './world/play';
import { tellingSeeds } from './world/known-bad/telling-seeds';

/** Worlds that each bad burial is given; what it takes to see the rarest of them. */
const SEEDS = 4000;

describe('the simulator finds an intercept that', () => {
  test.each(Object.entries(KNOWN_BAD_BURIALS))('%s', (_, { make: makeOrphans, complains }) => {
    const found = tellingSeeds(SEEDS).find((seed) =>
      play(seed, { makeOrphans }).violations.some((violation) => complains.test(violation)),
    );
    expect(found).toBeDefined();
  });
});

import { doubtInWorlds } from './world/expect-worlds';
import { playPlan } from './world/play';
import { HearsResetsLate, resettingPlan } from './world/plan/resetting';

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);

describe('while a test server accepts connections only to reset them', () => {
  test('each connection loses a request for each silence that is tried at most, and then none', () => {
    expect(doubtInWorlds(resettingPlan, SEEDS).doubtful).toBeGreaterThan(0);
  });

  test('an engine is found that speaks before it hears of the reset', () => {
    const makeEngine = (...[options, outputs]: ConstructorParameters<typeof HearsResetsLate>) =>
      new HearsResetsLate(options, outputs);
    const complaints = SEEDS.flatMap((seed) => playPlan(resettingPlan(seed), { makeEngine }).violations);
    expect(complaints).toContainEqual(expect.stringMatching(/were said to who resets connections/));
  });
});

/** The simulator itself: that it repeats, and that it shrinks. What its worlds meet is seen where they are played (`worlds`). */
import { describeFailure, smallestLike } from './world/failure';
import { KNOWN_BAD } from './world/known-bad/known-bad';
import { play, playPlan } from './world/play';

describe('the simulator', () => {
  test('plays a seed the same way every time', () => {
    for (const seed of [1, 38, 501]) {
      const [first, second] = [0, 1].map(() => {
        const lines: string[] = [];
        play(seed, { trace: (line) => lines.push(line) });
        return lines.join('\n');
      });
      expect(first!.length).toBeGreaterThan(0);
      expect(first).toBe(second);
    }
  });

  test('makes a failing world smaller, and says how to replay it', () => {
    const makeEngine = KNOWN_BAD['changes a byte of the payload']!;
    const seed = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((one) => play(one, { makeEngine }).violations.length > 0)!;
    const report = play(seed, { makeEngine });
    const smallest = smallestLike(report, { makeEngine });
    expect(playPlan(smallest, { makeEngine }).violations).not.toEqual([]);
    expect(smallest.connections).toHaveLength(1);
    expect(smallest.connections[0]!.exchanges).toHaveLength(1);
    expect(smallest.events).toEqual([]);
    expect(smallest.options).toEqual({});
    expect(describeFailure(report, { makeEngine })).toContain(`npm run sim -- ${seed} --smallest`);
  });
});

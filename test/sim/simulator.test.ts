/** The simulator itself: that it repeats, that it shrinks, and that its worlds meet what they are there for. */
import { newCounters, type CounterName } from '../../src/session/tables/counters';
import { drawPlan } from './world/plan/draw';
import { describeFailure, smallestLike } from './world/failure';
import { KNOWN_BAD } from './world/known-bad/known-bad';
import { MANNER_KINDS } from './world/plan/manners';
import { play, playPlan } from './world/play';

/** Seeds that are looked at; rare things take many. */
const SEEDS = 2000;

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

  test('meets every reason for which something can be lost, and everything that is counted', () => {
    const total = newCounters();
    const names = Object.keys(total) as CounterName[];
    const kinds = new Set<string>();
    const manners = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { counters } = play(seed);
      for (const name of names) total[name] += counters[name];
      const plan = drawPlan(seed);
      for (const { kind } of plan.events) kinds.add(kind);
      manners.add(plan.server.manner.kind);
    }
    const never = names.filter((name) => total[name] === 0);
    // No world is large enough for the first three, none has two families, programs with ports of their own (own-worlds), or talks to anybody else; others are too rare.
    const beyond = [
      'mptcp',
      'session-memory',
      'no-port',
      'lingers_cut_short',
      'other-family',
      'source_ports_held',
      'no-transfer',
      'out-of-window',
      'requests_given_up_',
      'test-refused',
      'test-closed',
      'requests_refused',
    ];
    expect(never.filter((name) => !beyond.some((part) => name.includes(part)))).toEqual([]);
    expect(kinds.size).toBe(16);
    expect(manners.size).toBe(MANNER_KINDS.length);
  });
});

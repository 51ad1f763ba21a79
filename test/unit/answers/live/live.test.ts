/** The same worlds as those of captures, told while they go on: faults are found, and nothing else is. */
import { findingsOf } from '../world/compared';
import { faultBy, KINDS } from '../world/faults';
import { randomBy } from '../world/random';
import { worldOf } from '../world/world';
import { newLive, tell, tellBoth, waysOf } from './told';

/** `make soak` plays more of both. */
const FAULTS = Number(process.env['PLANTED_FAULTS'] ?? 6);
const CLEAN_RUNS = Number(process.env['CLEAN_COMPARISONS'] ?? 4);
const CLEAN_FIRST_SEED = Number(process.env['CLEAN_COMPARISONS_FIRST_SEED'] ?? 500);

describe('a comparison while the copy runs', () => {
  test.each(Array.from({ length: FAULTS }, (_, seed) => seed))(
    'finds a planted fault at its route, and nothing else, seed %i',
    (seed) => {
      const fault = faultBy(KINDS[seed % KINDS.length]!, randomBy(seed + 1));
      const world = worldOf({ seed, fault, connections: 40, isRough: seed % 2 === 1 });
      const live = newLive();
      tellBoth(live, world, randomBy(seed));
      live.end();
      const report = live.report();
      const findings = findingsOf(report);
      expect({ fault, findings }).toEqual({ fault, findings: [expect.stringContaining(`${fault.route}: `)] });
      expect(report.unmatched.test).toBe(0);
    },
  );

  test('does not differ where the servers do not, whichever way is ahead', () => {
    const found: string[] = [];
    for (let seed = 0; seed < CLEAN_RUNS; seed += 1) {
      const live = newLive();
      tellBoth(live, worldOf({ seed: CLEAN_FIRST_SEED + seed, isRough: seed % 2 === 1 }), randomBy(seed));
      live.end();
      const report = live.report();
      found.push(...findingsOf(report));
      if (report.unmatched.test + report.unjudged > 0) found.push(`seed ${seed}: ${JSON.stringify(report)}`);
    }
    expect(found).toEqual([]);
  });

  test('has an account at any time, and lets go of what waits in vain', () => {
    const world = worldOf({ seed: 3 });
    const live = newLive();
    const { told } = waysOf(world);
    for (const one of told.filter(({ seen }) => seen !== 'copy')) tell(live, one);
    const { exchanges, pairs, unmatched } = live.report();
    expect({ pairs, unmatched }).toEqual({ pairs: 0, unmatched: { online: 0, test: 0 } });
    expect(exchanges.online).toBeGreaterThan(0);
    live.settle();
    expect(live.report().unmatched.online).toBe(0);
    live.settle();
    expect(live.report().unmatched.online).toBe(exchanges.online);
  });

  test('judges nothing of a connection that is left out', () => {
    const world = worldOf({ seed: 4, connections: 1 });
    const live = newLive();
    const { told, responses } = waysOf(world);
    const half = told.slice(0, Math.floor(told.length / 2));
    for (const one of half) tell(live, one);
    for (const name of ['client', 'copy'] as const) {
      const { segment } = told.find(({ seen }) => seen === name)!;
      tell(live, { seen: 'left-out', segment: { ...segment, payloadLength: 0 }, time_s: 0 });
    }
    for (const { segment, time_s } of responses) live.response(segment, time_s);
    live.end();
    const { differing, unanswered, connections } = live.report();
    expect({ differing, unanswered }).toEqual({ differing: 0, unanswered: 0 });
    expect(connections['online']!.connections).toBe(1);
    expect(live.leftOut).toBe(1);
    expect(live.responsesDropped).toBeGreaterThan(0);
  });
});

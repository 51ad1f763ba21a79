import { requirementsOf } from '../../../../bench/cost/acceptance';
import { comparisonsWith } from '../../../../bench/cost/against-before';
import type { CostResult } from '../../../../bench/cost/cost';
import type { Sample } from '../../../../bench/cost/measure';
import { costText } from '../../../../bench/cost/text';

/** 1,000 requests. @param cpu_us of both programs together, for one */
const sample = (candidate: string, round: number, cpu_us: number): Sample => ({
  ...{
    load: 'load',
    round,
    candidate,
    seconds: 1,
    online: 1_000,
    latency: undefined,
    delivery_us: undefined,
  },
  copy: {
    ...{ test: 1_000, missing: 0, doubled: 0 },
    tcpcopy: { cpu_us: cpu_us * 750, peak_bytes: 3e6 },
    intercept: { cpu_us: cpu_us * 250, peak_bytes: 1e6 },
  },
});

/** In each pair the pace is another one. @param ratio ours over before, which is a little more and less in turn */
const pairs = (count: number, ratio: number): Sample[] =>
  Array.from({ length: count }, (_, round) => {
    const pace_us = 30 + 5 * (round % 7);
    const ours_us = pace_us * ratio * (round % 2 === 0 ? 1.01 : 0.99);
    return [sample('ring', round, ours_us), sample('before', round, pace_us)];
  }).flat();

const result = (samples: readonly Sample[]): CostResult => ({
  loads: [{ id: 'load', title: 'A load', shape: 'keep-alive' }],
  candidates: [
    { id: 'ring', origin: 'ours' },
    { id: 'before', origin: 'before' },
  ],
  ...{ rounds: 20, samples, failures: [], delays: [], calls: [] },
});

const promised = (samples: readonly Sample[]) =>
  requirementsOf(result(samples)).find(({ what }) => what.includes('ours / before'))!;

describe('the cost over that of an earlier build', () => {
  test('is compared within each pair, for a machine’s pace changes', () => {
    const [comparison, ...others] = comparisonsWith('ring', pairs(20, 1.02));
    expect(others).toEqual([]);
    expect(comparison).toMatchObject({ load: 'load', ratio: { pairs: 20 } });
    expect(comparison!.ratio.ratio).toBeCloseTo(1.02, 3);
  });

  test('is at most 1.03 by the upper end of its interval', () => {
    expect(promised(pairs(20, 1.02))).toMatchObject({ limit: 1.03, met: true });
    expect(promised(pairs(20, 1.028))).toMatchObject({ met: false });
    expect(promised(pairs(20, 1.05)).value).toBeGreaterThan(1.05);
    expect(costText(result(pairs(20, 1.05)))).toMatch(
      /load: cost of a request, ours \/ before, by the interval's upper end +1\.05\d +1\.030 +MISSED/,
    );
  });

  test('is not proven by few pairs, however equal they are', () => {
    expect(promised(pairs(19, 1))).toMatchObject({ value: NaN, met: false });
    expect(costText(result(pairs(19, 1)))).toContain('Fewer than 20 pairs prove nothing');
  });

  test('leaves out rounds of which one is missing', () => {
    const samples = [...pairs(20, 1), sample('ring', 20, 500)];
    expect(comparisonsWith('ring', samples)[0]!.ratio).toMatchObject({ pairs: 20 });
  });

  test('is no promise where there is no earlier build', () => {
    const { candidates, ...rest } = result(pairs(20, 2));
    const alone = { ...rest, candidates: candidates.slice(0, 1) };
    expect(requirementsOf(alone).filter(({ what }) => what.includes('before'))).toEqual([]);
    expect(costText(alone)).not.toContain('ours / before');
  });
});

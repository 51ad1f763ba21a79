import type { Evidence } from '../../../lab/verify/evidence/evidence';
import type { MarkMoment } from '../../../lab/verify/frames/marks';
import { judge } from '../../../lab/verify/judge';
import { reportAsJson } from '../../../lab/report/json';
import { reportAsText } from '../../../lab/report/text';
import { acrossEngines, BACK_MS, THERE_MS } from './world/across';
import { tcp } from './world/frames';
import { evidenceOf, healthyLab } from './world/lab';
import { CLIENT, TEST } from './world/scene';
import { withClockOf } from './world/shifted';

/** The clock of `b` is right. */
function across(marked?: readonly MarkMoment[], leaked = [tcp(TEST, CLIENT)]): Evidence {
  const evidence = evidenceOf({ ...healthyLab('http', 7, 40), leaked });
  return { ...evidence, taps: acrossEngines(evidence.taps, evidence.profile.run, marked) };
}

const withClockAhead = (ahead_s: number, evidence = across()): Evidence => ({
  ...evidence,
  taps: withClockOf('b', ahead_s, evidence.taps),
});

test.each([0, 3.75, -3.75, 86_400, 0.000_4])(
  'a machine whose clock is ahead by %d s is said to be',
  (ahead_s) => {
    const [clock, ...others] = judge(withClockAhead(ahead_s)).clocks;
    expect([clock!.engine, clock!.reference, others]).toEqual(['b', 'a', []]);
    const { ahead_ms, error_ms } = clock!.reading!;
    expect(error_ms).toBeCloseTo((THERE_MS + BACK_MS) / 2, 1);
    expect(Math.abs(ahead_ms - ahead_s * 1000)).toBeLessThanOrEqual(error_ms);
  },
);

test('a clock that is set while the load lasts is known by no less than it was set', () => {
  const [before, after] = [across(['before']), withClockAhead(2, across(['after']))];
  const taps = before.taps.map((tap, index) => ({
    ...tap,
    capture: Buffer.concat([tap.capture, Buffer.from(after.taps[index]!.capture).subarray(24)]),
  }));
  const { ahead_ms, error_ms } = judge({ ...before, taps }).clocks[0]!.reading!;
  for (const real_ms of [0, 2000]) expect(Math.abs(real_ms - ahead_ms)).toBeLessThanOrEqual(error_ms);
});

test('leaks are told by one clock, whichever machine saw them', () => {
  const firstAt = (evidence: Evidence): number[] => {
    const onlyThere = evidence.taps.filter(({ name }) => name !== 'bridge lan' && !name.startsWith('client'));
    return judge({ ...evidence, taps: onlyThere }).leaks.first.map(({ time }) => time);
  };
  const [right] = firstAt(across());
  for (const ahead_s of [-40, 40]) {
    const [told] = firstAt(withClockAhead(ahead_s));
    expect(Math.abs(told! - right!)).toBeLessThan(0.001);
  }
});

test('where no marks passed both ways it is said that nothing is known', () => {
  const evidence = across([]);
  expect(judge(evidence).clocks).toEqual([{ engine: 'b', reference: 'a', reading: undefined }]);
  expect(reportAsText(judge(evidence))).toContain('that of b is not known to stand to that of a');
  expect(reportAsJson(judge(evidence))['clocks']).toEqual([
    { engine: 'b', reference: 'a', ahead_ms: null, error_ms: null },
  ]);
});

test('a report says how clocks stand, and how exactly; times of the test server carry the error of tcpcopy', () => {
  const percentiles = { p50: 0.4, p90: 1, p99: 9, p999: 9, max: 9 };
  const times = (['test server', 'online server'] as const).map((of) => ({
    ...{ of, transfer: 't', count: 40, first_byte_ms: percentiles, last_byte_ms: percentiles },
    clock_error_ms: 0.125,
  }));
  const lines = reportAsText(judge({ ...withClockAhead(-3.75), times })).split('\n');
  const [told] = lines.flatMap((line) => /^ {2}clocks {6}(.*)$/.exec(line)?.[1] ?? []);
  expect(told).toMatch(
    /^that of b is 3749\.\d{3} ms behind that of a, ± 0\.2\d\d ms; times are told by the latter$/,
  );
  const timed = lines.filter((line) => line.includes('40 answers'));
  expect(timed.map((line) => line.endsWith(', ± 0.125 ms by the clocks'))).toEqual([true, false]);
});

test('where there is one machine nothing is said of clocks', () => {
  const { clocks } = judge(evidenceOf(healthyLab('http', 7, 40)));
  expect(clocks).toEqual([]);
});

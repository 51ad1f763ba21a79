import { requirementsOf } from '../../../../bench/cost/acceptance';
import type { CostResult } from '../../../../bench/cost/cost';
import type { Sample } from '../../../../bench/cost/measure';
import { costPicture } from '../../../../bench/cost/picture';
import { rowsOf } from '../../../../bench/cost/summary';
import { receptionIn } from '../../../../bench/cost/reception';
import { callsIn } from '../../../../bench/cost/system-calls';
import { costText } from '../../../../bench/cost/text';
import { coreTimesIn, idleShare } from '../../../../bench/candidates/idle';
import { usageIn } from '../../../../bench/candidates/usage';
import { latencyOf } from '../../../../bench/figures/latency';
import { latencyIn as latencyInAb } from '../../../../bench/tools/ab';
import { latencyIn as latencyInRedis } from '../../../../bench/tools/redis-benchmark';

const process = (name: string, utime: number, stime: number, kilobytes: number): string =>
  `${[`7 (${name}) S`, ...'1 7 7 0 -1 4194560 900 0 0 0'.split(' '), utime, stime].join(' ')} 0 0 20 0 11 0 99\n` +
  `Name:\t${name}\nVmPeak:\t  99999 kB\nVmHWM:\t   ${kilobytes} kB\n`;

describe('the usage of a program', () => {
  test('is user and system time in ticks of 10 ms, and the most that was resident', () => {
    expect(usageIn(process('tcpcopy', 120, 30, 2_000))).toEqual({
      cpu_us: 1_500_000,
      peak_bytes: 2_048_000,
    });
  });

  test('is that of all its processes, whatever they are called', () => {
    const text = process('tcp) S copy', 1, 2, 10) + process('tcpcopy', 3, 4, 20);
    expect(usageIn(text)).toEqual({ cpu_us: 100_000, peak_bytes: 30 * 1024 });
  });

  test('is exact where the kernel tells nanoseconds, and holds what ended threads took', () => {
    const text = process('tcpcopy', 1, 2, 10);
    expect(usageIn(`${text}31000000 5 1\n7500000 0 9\n`)).toMatchObject({ cpu_us: 38_500 });
    expect(usageIn(`${text}7500000 0 9\n`)).toMatchObject({ cpu_us: 30_000 });
  });

  test('is none when there is no process', () => {
    expect(usageIn('')).toBeUndefined();
  });
});

test('system calls are what perf counted', () => {
  expect(callsIn('143,,raw_syscalls:sys_enter,2000123,100.00,,\n')).toBe(143);
  expect(() => callsIn('<not counted>,,raw_syscalls:sys_enter,0,100.00,,')).toThrow(
    'counted no system calls',
  );
});

test('latencies are read from what the clients report', () => {
  const ab = 'Percentage served,Time in ms\n0,0.210\n50,0.341\n98,0.9\n99,1.250\n100,9.100\n';
  expect(latencyInAb(ab)).toEqual({ median_ms: 0.341, p99_ms: 1.25 });
  const redis =
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"\n' +
    '"SET","1000.00","1.1","0.2","0.9","1.5","2.5","7.0"\n"GET","1000.00","1.0","0.2","1.2","1.4","2.0","8.0"\n';
  expect(latencyInRedis(redis)).toEqual({ median_ms: 1.2, p99_ms: 2.5 });
  expect(latencyOf(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
    median_ms: 51,
    p99_ms: 100,
  });
});

interface Copied {
  readonly cpu_us: number;
  readonly missing?: number;
  readonly doubled?: number;
  readonly p99_ms?: number;
  /** Of tcpcopy, at its peak. */
  readonly peak_bytes?: number;
}

const alone = (load: string, p99_ms: number): Sample => ({
  load,
  round: 0,
  candidate: 'none',
  seconds: 1,
  online: 1_000,
  latency: { median_ms: 0.5, p99_ms },
  delivery_us: undefined,
  copy: undefined,
});

/** 1,000 requests. @param cpu_us of both programs together, for all */
const copied = (
  load: string,
  candidate: string,
  { cpu_us, missing = 0, doubled = 0, p99_ms = 1, peak_bytes = 3e6 }: Copied,
): Sample => ({
  ...alone(load, p99_ms),
  candidate,
  copy: {
    test: 1_000 - missing + doubled,
    missing,
    doubled,
    tcpcopy: { cpu_us: cpu_us * 0.75, peak_bytes },
    intercept: { cpu_us: cpu_us * 0.25, peak_bytes: 1e6 },
  },
});

const result = (
  samples: readonly Sample[],
  shape: CostResult['loads'][number]['shape'] = 'keep-alive',
  id = 'load',
): CostResult => ({
  loads: [{ id, title: 'A load', shape }],
  candidates: [
    { id: 'packages', origin: 'ours' },
    { id: 'ring', origin: 'ours' },
    { id: '0.9', origin: 'original' },
    { id: '1.x', origin: 'original' },
  ],
  rounds: 3,
  samples,
  failures: [],
  delays: [],
  calls: [],
});

describe('the rows', () => {
  const rounds = [10_000, 40_000, 20_000].map((cpu_us) => copied('load', 'ring', { cpu_us }));

  test('are medians of the rounds, for each request that arrived, with how far the rounds were apart', () => {
    const [row, ...others] = rowsOf([...rounds, alone('load', 0.5)]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      both_us: 20,
      tcpcopy_us: 15,
      intercept_us: 5,
      spreads: { both: 1.5 },
      peak_bytes: 4e6,
    });
    expect(row).toMatchObject({ complete: 1, p99_ms: 1, aloneP99_ms: 0.5, p99Ratio: 2 });
  });

  test('charge what a candidate used to the requests that it brought over', () => {
    const [row] = rowsOf([copied('load', '1.x', { cpu_us: 10_000, missing: 500 })]);
    expect(row).toMatchObject({ complete: 0.5, missing: 500, both_us: 20, p99Ratio: undefined });
  });

  test('stand together by load', () => {
    const samples = ['a', 'b'].flatMap((load) => [copied(load, 'ring', { cpu_us: 1 }), alone(load, 1)]);
    const again = ['a', 'b'].map((load) => copied(load, '0.9', { cpu_us: 1 }));
    expect(rowsOf([...samples, ...again]).map(({ load, candidate }) => `${load} ${candidate}`)).toEqual([
      'a ring',
      'a 0.9',
      'b ring',
      'b 0.9',
    ]);
  });
});

test('what links take for the copy is what they take more than without it', () => {
  const rounds = [0, 1].map((round) => [
    { ...alone('load', 1), round, delivery_us: 4_000 },
    { ...copied('load', 'ring', { cpu_us: 10_000 }), round, delivery_us: 10_000 + round * 2_000 },
  ]);
  expect(rowsOf(rounds.flat())).toMatchObject([
    { both_us: 10, delivery_us: 7, spreads: { delivery: 2 / 7, both: 0 } },
  ]);
  expect(rowsOf([copied('load', 'ring', { cpu_us: 10_000 })])).toMatchObject([{ delivery_us: NaN }]);
});

test('reception is the share of the time that perf saw below it', () => {
  const report = [
    '# Children      Self  Symbol',
    '    50.13%     0.03%  [k] __sys_sendmmsg',
    '    28.71%     0.29%  [k] net_rx_action',
    '     0.10%     0.10%  [k] net_rx_action_of_another',
  ].join('\n');
  expect(receptionIn(report)).toBeCloseTo(0.2871);
  expect(receptionIn('    50.13%     0.03%  [k] __sys_sendmmsg')).toBe(0);
  expect(receptionIn('no samples')).toBeNaN();
});

test('what is idle is what no core did', () => {
  const stat = (user: number, idle: number): string =>
    `cpu  ${user} 0 10 ${idle} 5 0 0 0 7 0\ncpu0 1 2 3 4\n`;
  expect(idleShare(coreTimesIn(stat(100, 200)), coreTimesIn(stat(175, 225)))).toBeCloseTo(0.25);
});

describe('what is promised', () => {
  const cpuOf = (ours_us: number, load: string) =>
    requirementsOf(
      result(
        [
          copied(load, 'ring', { cpu_us: ours_us }),
          copied(load, 'packages', { cpu_us: 1 }),
          copied(load, '0.9', { cpu_us: 50_000 }),
          copied(load, '1.x', { cpu_us: 40_000 }),
        ],
        'other',
        load,
      ),
    ).find(({ what }) => what.includes('CPU'));

  test('is a share of what the better of the original’s builds takes, which depends on the load', () => {
    expect(cpuOf(20_000, 'keep-alive-10')).toMatchObject({ value: 0.5, limit: 0.5, met: true });
    expect(cpuOf(20_400, 'short-100')).toMatchObject({ limit: 0.5, met: false });
    expect(cpuOf(24_000, 'fixed-rate')).toMatchObject({ limit: 0.6, met: true });
    expect(cpuOf(40_000, 'redis')).toMatchObject({ limit: 1, met: true });
    expect(cpuOf(28_000, 'uploads-1m')).toBeUndefined();
  });

  test('is that nothing is missing and nothing doubled', () => {
    const met = requirementsOf(result([copied('load', 'ring', { cpu_us: 1 })]));
    expect(met.map(({ met }) => met)).toEqual([true, true, true, true]);
    const missed = requirementsOf(result([copied('load', 'ring', { cpu_us: 1, missing: 1, doubled: 2 })]));
    expect(missed.slice(0, 3).map(({ value, met }) => [value, met])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
  });

  test('is what each of both programs has resident at most, in any round', () => {
    const memoryOf = (peak_bytes: number) =>
      requirementsOf(
        result([copied('load', 'ring', { cpu_us: 1 }), copied('load', 'ring', { cpu_us: 1, peak_bytes })]),
      ).find(({ what }) => what.includes('memory'));
    expect(memoryOf(120e6)).toMatchObject({ value: 120, limit: 120, met: true });
    expect(memoryOf(121e6)).toMatchObject({ value: 121, met: false });
    expect(memoryOf(0)).toMatchObject({ value: 3, met: true });
  });

  test('is a client that notices no more of it than of 0.9, and hardly anything at a fixed rate', () => {
    const samples = [
      alone('load', 1),
      copied('load', 'ring', { cpu_us: 1, p99_ms: 1.2 }),
      copied('load', '0.9', { cpu_us: 1, p99_ms: 1.3 }),
      copied('load', '1.x', { cpu_us: 1, p99_ms: 1.1 }),
    ];
    const ratios = requirementsOf(result(samples, 'fixed-rate')).filter(({ what }) => what.includes('p99'));
    expect(ratios.map(({ limit, met }) => [limit, met])).toEqual([
      [1.05, false],
      [1.3, true],
    ]);
  });

  const calls = (candidate: string, count: number, reception: number) => ({
    ...{ candidate, load: 'keep-alive-10' },
    tcpcopy: { calls: count, packets: 100, reception },
    intercept: { calls: count * 3, packets: 100, reception: 0 },
  });

  test('is few system calls a packet', () => {
    const requirements = requirementsOf({
      ...result([]),
      calls: [calls('ring', 10, 0), calls('0.9', 900, 0)],
    });
    const counted = requirements.filter(({ what }) => what.includes('system calls'));
    expect(counted.map(({ value, met }) => [value, met])).toEqual([
      [0.1, true],
      [0.3, false],
    ]);
  });

  test('is a fair comparison: no candidate’s figure has the reception of the other end in it', () => {
    const requirements = requirementsOf({
      ...result([]),
      calls: [calls('ring', 10, 0.001), calls('0.9', 10, 0.4), calls('1.x', 10, NaN)],
    });
    const received = requirements.filter(({ what }) => what.includes('reception'));
    expect(received.map(({ value, met }) => [value, met])).toEqual([
      [0.001, true],
      [0.4, false],
      [NaN, false],
    ]);
  });

  test('is little delay', () => {
    const delays = [4, 0.6, 0.1].map((p99_ms) => ({
      ...{ candidate: 'ring', median_ms: 0.2, p99_ms, idle: 0.2, uncopied: 0 },
    }));
    const [, median, p99, ...others] = requirementsOf({ ...result([]), delays });
    expect(median).toMatchObject({ value: 0.2, limit: 0.15, met: false });
    expect(p99).toMatchObject({ value: 0.6, limit: 1, met: true });
    expect(others).toEqual([]);
  });

  test('is that no load fails; of the original it may', () => {
    const failures = [{ load: 'load', candidate: '0.9', reason: 'tcpcopy on online has ended.' }];
    expect(requirementsOf({ ...result([]), failures })).toMatchObject([{ met: true }]);
    const own = failures.map((failure) => ({ ...failure, candidate: 'ring' }));
    expect(requirementsOf({ ...result([]), failures: own })).toMatchObject([{ value: 1, met: false }]);
    expect(costText({ ...result([]), failures })).toContain(
      'load, 0.9: failed: tcpcopy on online has ended.',
    );
  });

  test('is nothing where ours was not measured', () => {
    const { candidates, ...rest } = result([copied('load', '0.9', { cpu_us: 1 })]);
    expect(requirementsOf({ ...rest, candidates: candidates.slice(2) })).toEqual([]);
  });
});

test('the table says how noisy the rounds were, and what was missed', () => {
  const samples = [10_000, 20_000].map((cpu_us) => copied('load', 'ring', { cpu_us, missing: 10 }));
  const delays = [{ candidate: 'ring', median_ms: 0.25, p99_ms: 2, idle: 0.2, uncopied: 0 }];
  const text = costText({ ...result([...samples, alone('load', 0.5)]), delays });
  expect(text).toMatch(/^load +ring +99\.00 +0 /m);
  expect(text).toContain('at most 67 % (load, ring)');
  expect(text).toMatch(/load: requests missing +20\.000 +0\.000 +MISSED/);
  expect(text).toContain('System calls were not counted');
  expect(costText(result(samples))).toMatch(/ –$/m);
});

test('the picture has a bar for each program, as long as what it takes', () => {
  const samples = [
    copied('load', 'ring', { cpu_us: 20_000 }),
    copied('load', '1.x', { cpu_us: 40_000, missing: 500 }),
  ];
  const picture = costPicture(result(samples));
  const widths = [...picture.matchAll(/width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
  // 15 and 5 of ours against 60 and 20: what did not arrive makes the rest dearer.
  expect(widths[0]! / widths[2]!).toBeCloseTo(0.25, 2);
  expect(widths[1]! / widths[3]!).toBeCloseTo(0.25, 2);
  expect(picture).toContain('>80, 50.0 % arrived<');
});

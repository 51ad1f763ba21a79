import { describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_FURTHER, passGate } from '../../../../bench/client/gate';
import { compare, multiplied, tally } from '../../../../bench/records/book';
import { againstOriginals } from '../../../../bench/sweep/curve';
import { dimensionsFor } from '../../../../bench/sweep/dimensions';
import type { SweepSample } from '../../../../bench/sweep/measure';
import { sweepPicture } from '../../../../bench/sweep/picture';
import { isMet, rowsOf } from '../../../../bench/sweep/summary';
import type { SweepResult } from '../../../../bench/sweep/sweep';
import { sweepText } from '../../../../bench/sweep/text';

interface Told {
  readonly point: string;
  readonly candidate?: string;
  readonly round?: number;
  /** Of both programs together, for each request that arrived. */
  readonly both_us: number;
  readonly missing?: number;
  readonly doubled?: number;
}

/** 1,000 requests that should have arrived. */
const sample = ({ point, candidate = 'ring', round = 0, both_us, ...told }: Told): SweepSample => {
  const { missing = 0, doubled = 0 } = told;
  const copied = 1_000 - missing + doubled;
  return {
    ...{ dimension: 'sessions', point, candidate, round, rate: 1_000, latency: undefined, delay: undefined },
    ...{ expected: 1_000, missing, doubled, copied },
    tcpcopy: { cpu_us: both_us * copied * 0.75, peak_bytes: 3e6 },
    intercept: { cpu_us: both_us * copied * 0.25, peak_bytes: 1e6 },
  };
};

const result = (samples: readonly SweepSample[]): SweepResult => ({
  dimensions: dimensionsFor(['sessions']),
  candidates: [
    { id: 'ring', origin: 'ours' },
    { id: '0.9', origin: 'original' },
  ],
  rounds: 3,
  samples,
  failures: [],
});

describe('the growth', () => {
  test('is over what the first point took in the same round, for a machine’s pace changes', () => {
    const costs_us = { '100': [10, 20, 40], '10,000': [15, 30, 160] };
    const samples = Object.entries(costs_us).flatMap(([point, costs]) =>
      costs.map((both_us, round) => sample({ point, round, both_us })),
    );
    const [first, last, ...others] = rowsOf(result(samples));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ point: '100', both_us: 20, ratio: 1, spread: 1.5, peak_bytes: 4e6 });
    expect(last).toMatchObject({ both_us: 30, tcpcopy_us: 22.5, intercept_us: 7.5, ratio: 1.5 });
  });

  test('is that of each candidate, and of none whose first point came to nothing', () => {
    const samples = [
      sample({ point: '1,000', candidate: '0.9', both_us: 60 }),
      sample({ point: '1,000', both_us: 20 }),
      sample({ point: '100', both_us: 10 }),
    ];
    expect(rowsOf(result(samples)).map(({ point, candidate, ratio }) => [point, candidate, ratio])).toEqual([
      ['100', 'ring', 1],
      ['1,000', 'ring', 2],
      ['1,000', '0.9', NaN],
    ]);
  });
});

describe('what is promised', () => {
  test('is that of ours nothing is missing, doubled or failed; of the original it may', () => {
    const exact = [sample({ point: '100', both_us: 10 })];
    const failure = { dimension: 'sessions', point: '100', candidate: '0.9', reason: 'it ended' };
    const lossy = sample({ point: '100', candidate: '0.9', both_us: 10, missing: 5 });
    expect(isMet({ ...result([...exact, lossy]), failures: [failure] })).toBe(true);
    expect(isMet(result([...exact, { ...lossy, candidate: 'ring' }]))).toBe(false);
    expect(isMet(result([sample({ point: '100', both_us: 10, doubled: 1 })]))).toBe(false);
    expect(isMet({ ...result(exact), failures: [{ ...failure, candidate: 'ring' }] })).toBe(false);
  });

  test('is that of several copies each request arrives so many times', () => {
    const online = tally(['/a', '/b']);
    const expected = multiplied(online, 3);
    expect(compare({ online: expected, test: tally(['/a', '/b', '/a', '/b', '/a', '/b']) })).toMatchObject({
      online: 6,
      missing: 0,
      doubled: 0,
    });
    expect(compare({ online: expected, test: tally(['/a', '/a', '/a', '/a', '/b', '/b']) })).toMatchObject({
      missing: 1,
      doubled: 1,
    });
  });
});

test('there is a table for each dimension, with what failed below', () => {
  const samples = [
    sample({ point: '100', both_us: 10 }),
    sample({ point: '10,000', both_us: 15, missing: 10 }),
  ];
  const failures = [{ dimension: 'sessions', point: '1,000', candidate: '0.9', reason: 'it has ended' }];
  const text = sweepText({ ...result(samples), failures });
  expect(text).toMatch(/^open connections +candidate /m);
  expect(text).toMatch(/^10,000 +ring +99\.00 +0 +1,000 +11\.3 +3\.8 +15\.0 +1\.50 +0 +4\.0$/m);
  expect(text).toContain('sessions 1,000, 0.9: failed: it has ended');
  expect(text).toContain('SOMETHING FAILED');
  expect(sweepText(result([]))).toContain('Nothing was copied.');
  const { candidates } = result([]);
  expect(sweepText({ ...result([]), candidates: candidates.slice(1) })).not.toMatch(/ours/i);
});

test('the picture has a bar for each program, as long as what it takes', () => {
  const samples = [
    sample({ point: '100', both_us: 20 }),
    sample({ point: '100', candidate: '0.9', both_us: 80, missing: 500 }),
  ];
  const picture = sweepPicture(result(samples));
  const widths = [...picture.matchAll(/width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
  expect(widths[0]! / widths[2]!).toBeCloseTo(0.25, 2);
  expect(widths[1]! / widths[3]!).toBeCloseTo(0.25, 2);
  expect(picture).toContain('>80 (1.00 times), 50.0 % arrived<');
  expect(sweepPicture(result([]))).not.toMatch(/NaN|Infinity/);
});

describe('CPU time over delay', () => {
  const timed = (point: string, candidate: string, both_us: number, delay_ms: number): SweepSample => ({
    ...sample({ point, candidate, both_us }),
    ...{ dimension: 'coalesce', delay: { median_ms: delay_ms, p99_ms: delay_ms * 3 } },
  });
  const curve = (...samples: readonly SweepSample[]): SweepResult => ({
    ...result(samples),
    dimensions: dimensionsFor(['coalesce']),
  });

  test('holds the original against the cheapest of ours that is no later', () => {
    const ours = [
      timed('by itself', 'ring', 40, 0.1),
      timed('0', 'ring', 60, 0.04),
      timed('100', 'ring', 30, 1),
    ];
    const cheaper = curve(...ours, timed('by itself', '0.9', 50, 0.2));
    expect(againstOriginals(cheaper)).toMatchObject([{ candidate: '0.9', ours_us: 40, met: true }]);
    expect(againstOriginals(curve(...ours, timed('by itself', '0.9', 50, 0.05)))).toMatchObject([
      { theirs_us: 50, ours_us: 60, met: false },
    ]);
    const later = curve(...ours, timed('by itself', '0.9', 50, 0.01));
    expect(againstOriginals(later)).toMatchObject([{ ours_us: Infinity, met: false }]);
    expect(sweepText(later)).toMatch(/^0\.9 +0\.010 +50\.0 +∞ +MISSED$/m);
    expect(sweepText(cheaper)).toMatch(/^by itself +ring .* 0\.100 +0\.300$/m);
  });

  test('is drawn with a point for each, and a line through ours', () => {
    const points = [timed('by itself', 'ring', 40, 0.1), timed('0', 'ring', 60, 0.04)];
    const picture = sweepPicture(curve(...points, timed('by itself', '0.9', 50, 0.05)));
    expect(picture.match(/<circle/g)).toHaveLength(3);
    expect(picture.match(/<line/g)).toHaveLength(3);
    expect(picture).toContain('0.9: 50 µs, 0.05 ms');
  });

  test('is nothing where delays were not measured', () => {
    expect(againstOriginals(result([sample({ point: '100', both_us: 10 })]))).toEqual([]);
  });
});

test('what cannot be varied is refused', () => {
  expect(() => dimensionsFor(['latency'])).toThrow('There is nothing named latency to vary.');
  expect(dimensionsFor(['copies', 'rate']).map(({ id }) => id)).toEqual(['rate', 'copies']);
});

describe('a client at its gate', () => {
  const atGate = async (work: (file: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-gate-'));
    try {
      await work(join(folder, 'gate'));
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('shows that it is there, and goes on when it may', () =>
    atGate(async (file) => {
      const passed = passGate(file);
      expect(existsSync(file)).toBe(true);
      await rm(file);
      await passed;
      await passGate(undefined);
    }));

  test('ends when there is to be no more, also when that was said before it came', () =>
    atGate(async (file) => {
      await writeFile(file, NO_FURTHER);
      await expect(passGate(file)).rejects.toThrow('ended at the gate');
      expect(existsSync(file)).toBe(true);
    }));
});

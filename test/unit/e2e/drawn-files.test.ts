import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS, leftOut } from '../../../e2e/stage/drawn-files';
import times_s from '../../times.json' with { type: 'json' };

const root = join(import.meta.dirname, '../../..');
const SEEDS = Array.from({ length: 100 }, (_, day) => String(20_000 + day));
const named = KINDS.flatMap(({ files }) => files);

/** Below `e2e`, without their ending. */
const all = readdirSync(join(root, 'e2e'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => file.replace(/\.test\.ts$/, ''));

test('files that are drawn from are there, each of one kind, and of each kind some are left out and some are not', () => {
  expect(named.filter((file) => !all.includes(file))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
  for (const { count, files } of KINDS) {
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(files.length);
  }
});

test('each day as many are left out, of the named ones only, and each is played before long', () => {
  const days = SEEDS.map((seed) => leftOut(seed));
  const count = KINDS.reduce((sum, kind) => sum + kind.files.length - kind.count, 0);
  for (const day of days)
    expect([day.length, day.filter((file) => !named.includes(file))]).toEqual([count, []]);
  for (const file of named) expect(days.slice(0, 25).every((day) => day.includes(file))).toBe(false);
});

test('what proves that a broken guard is seen, and what the programs do by their options, is played each day', () => {
  for (const proof of [
    'copy/control',
    'copy/guard',
    'copy/loads',
    'copy/options',
    'copy/otherwise',
    'copy/standing-guard',
    'lab/fence',
    'proof/doctor',
    'proof/scenarios',
    'proof/verify-breakages',
    'proof/verify-data-link',
    'proof/verify-healthy',
  ]) {
    expect(all).toContain(proof);
    expect(named).not.toContain(proof);
  }
});

/** What files on labs may take together on two workers, by what each took last. */
const BUDGET_S = 530;

test('on no day files on labs take longer than is said, and those are there whose times are known', () => {
  const known = new Map(Object.entries<number>(times_s));
  for (const file of known.keys())
    expect([file, existsSync(join(root, `${file}.test.ts`))]).toEqual([file, true]);
  const sumOf = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + (known.get(`e2e/${file}`) ?? 0), 0);
  for (const seed of SEEDS) {
    const without = leftOut(seed);
    expect(sumOf(all.filter((file) => !without.includes(file))) / 2).toBeLessThan(BUDGET_S);
  }
});

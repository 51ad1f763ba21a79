/** A program of several threads: real ones, of a program that does little else. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CommonOptions } from '../../../src/process/common-options';
import type { Fields } from '../../../src/process/log';
import { Workers, type WorkersPlan } from '../../../src/workers/workers';

const ROOT = join(import.meta.dirname, '../../..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  const made = ['--bundle', '--platform=node', '--format=esm', `--outfile=${join(folder, 'program.mjs')}`];
  const program = join(import.meta.dirname, 'program.ts');
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [program, ...made], { stdio: 'pipe' });
});
afterAll(() => rmSync(folder, { recursive: true }));

function begin(argv: readonly string[], plan: Partial<WorkersPlan> = {}) {
  const logged: [string, Fields][] = [];
  const note = (event: string, fields: Fields = {}): void => void logged.push([event, fields]);
  const open: WorkersPlan['open'] = (wishes) =>
    new Worker(join(folder, 'program.mjs'), { argv: [...argv], workerData: wishes, stderr: true });
  const log = { info: note, warning: note, error: note };
  const started = Workers.start<CommonOptions>({ program: 'parts', count: 3, open, ...plan }, log);
  return { started, logged };
}

test('what the workers count is summed up, how they stand is asked of all, and their log is one', async () => {
  const { started, logged } = begin(['work', '1']);
  const workers = await started;
  const takeOver = await workers.reload();
  expect(await workers.readings()).toMatchObject({ counters: { reloaded: 0 } });
  await takeOver();
  expect(await workers.readings()).toMatchObject({
    counters: { seen: 60, heard: 6, reloaded: 3 },
    gauges: { armed: 0, lateness_ms: 2 },
  });
  expect(await workers.standing()).toEqual({ ready: false, status: 'waits' });
  await workers.stop();
  expect(await workers.readings()).toMatchObject({ counters: { seen: 60, stopped: 3 } });
  const begun = logged.filter(([event]) => event === 'begun').map(([, fields]) => fields);
  expect(begun).toHaveLength(3);
  for (const worker of [0, 1, 2]) expect(begun).toContainEqual({ of: 3, next: 'nothing', worker });
});

test('one that cannot work is the reason why none does', async () => {
  const { started } = begin(['refuse', '2']);
  await expect(started).rejects.toThrow('there is no room for it');
});

test('one that dies ends the program, and the others end in order', async () => {
  const { started, logged } = begin(['die', '1']);
  const workers = await started;
  await expect(workers.ended).rejects.toThrow('worker 1 failed: Error: a fault of the program');
  expect(logged).toContainEqual([
    'worker lost',
    {
      reason: expect.stringContaining('a fault of the program'),
      next: expect.stringContaining('start it again'),
    },
  ]);
  await expect(workers.standing()).rejects.toThrow('a fault of the program');
  await workers.stop();
  // Of the one that is gone nothing is known any more.
  expect(await workers.readings()).toMatchObject({ counters: { seen: 40, stopped: 2 } });
});

test('what one refuses to take over none takes over, and it is told', async () => {
  const { started } = begin(['keep', '0']);
  const workers = await started;
  await expect(workers.reload()).rejects.toThrow('the file is not there');
  expect(await workers.readings()).toMatchObject({ counters: { reloaded: 0 } });
  await workers.stop();
});

test('workers that come to their end by themselves report, and the program has one status', async () => {
  const reported: unknown[] = [];
  const conclude = (reports: readonly unknown[]): number => {
    reported.push(...reports);
    return 7;
  };
  const { started } = begin(['end'], { conclude });
  const workers = await started;
  expect(await workers.ended).toBe(7);
  expect(reported).toEqual(['0 is done', '1 is done', '2 is done']);
  await workers.stop();
  const other = await begin(['end']).started;
  expect(await other.ended).toBe(2);
  await other.stop();
});

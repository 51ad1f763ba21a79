import { execa } from 'execa';
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

let checkout: string;
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'lab-start-'));
  for (const part of ['bin', 'lab', 'src', 'topologies', 'package.json', 'package-lock.json'])
    await cp(join(root, part), join(checkout, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
});
afterAll(() => rm(checkout, { recursive: true }));

const help = async (): Promise<string> => (await execa(join(checkout, 'bin/lab'), ['--help'])).stdout;

test('what V8 has compiled is kept for the next start of the same command, and made again where it is cut off', async () => {
  const kept = async (): Promise<string[]> =>
    (await readdir(join(checkout, '.cache/lab'), { recursive: true })).filter((name) => name.endsWith('.v8'));
  const said = await help();
  const [compiled, ...others] = (await kept()).map((name) => join(checkout, '.cache/lab', name));
  expect(others).toEqual([]);
  const { size } = await stat(compiled!);
  await truncate(compiled!, size / 2);
  expect(await help()).toBe(said);
  expect((await stat(compiled!)).size).toBeGreaterThan(size / 2);
});

test('the lab command is what its sources are: from the first start on, and after each change', async () => {
  const starts = await Promise.all([help(), help()]);
  expect(new Set(starts).size).toBe(1);
  expect(starts[0]).toContain('Runs testbeds');
  const main = join(checkout, 'lab/cli/main.ts');
  await writeFile(main, (await readFile(main, 'utf8')).replace('Runs testbeds', 'Runs other testbeds'));
  expect(await help()).toContain('Runs other testbeds');
});

test('sources that cannot be compiled end with their place, and leave nothing behind', async () => {
  await writeFile(join(checkout, 'lab/cli/main.ts'), 'const = 1;');
  const { exitCode, stderr } = await execa(join(checkout, 'bin/lab'), ['--help'], { reject: false });
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('lab/cli/main.ts:1:6')]);
  const { stdout } = await execa('ls', [join(checkout, '.cache/lab')]);
  expect(stdout).not.toContain('making');
});

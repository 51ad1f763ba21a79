import { execa } from 'execa';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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

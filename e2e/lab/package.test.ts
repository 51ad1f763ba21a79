import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa, type ResultPromise } from 'execa';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLabs } from '../../lab/library';
import { readPage } from '../docs/readme-commands';
import { drawing } from '../stage/drawn';

const root = join(import.meta.dirname, '../..');

/** An empty directory outside of the repository, with what docs/library.md tells its reader to save there. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcpcopy-lab-package-'));
  const { stdout: tarball } = await execa('npm', ['run', '--silent', 'package'], { cwd: root });
  const { files } = readPage(await readFile(join(root, 'docs/library.md'), 'utf8'));
  const project = { private: true, type: 'module', jest: { transform: {}, cacheDirectory: './.cache' } };
  const written = { ...files, 'package.json': JSON.stringify(project) };
  for (const [name, content] of Object.entries(written)) await writeFile(join(folder, name), content);
  await cp(join(root, 'e2e/lab/service/shop'), join(folder, 'shop'), { recursive: true });
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await inFolder('npm', ['install', ...quiet, tarball]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inFolder = (command: string, argv: readonly string[]): ResultPromise<{ all: true }> =>
  execa(command, argv, { cwd: folder, all: true, env: { NODE_OPTIONS: '' } });
/** Test runners are the user's choice, and the same as ours. */
const runner = (path: string): string => join(root, 'node_modules', path);

test("a user's Jest suite with a service of its own passes, and removes what a killed runner left", async () => {
  await leaveLab();
  const jest = ['--experimental-vm-modules', runner('jest/bin/jest.js'), '--rootDir', '.', 'shop.test.mjs'];
  const { all } = await inFolder('node', jest);
  expect(all).toContain('2 passed');
  expect(await labNames()).toEqual([]);
});

const other = drawing('other uses of the package', 1);

other(
  "so does a suite of Node's own test runner, and what it kept is held to matchers of Vitest",
  async () => {
    const played = await inFolder('node', ['--test', 'shop.node.mjs']);
    expect(played.all).toMatch(/pass 1$/m);
    expect(await labNames()).toEqual([]);
    await symlink(runner('vitest'), join(folder, 'node_modules/vitest'));
    const suite = `
    import { readFileSync } from 'node:fs';
    import { expect, test } from 'vitest';
    import 'tcpcopy-lab/vitest';
    test('kept', () => {
      const report = JSON.parse(readFileSync('evidence/report.json', 'utf8'));
      expect(report).toBeExact();
      expect(report).toLeakNothing();
      const leaking = { ...report, reasons: [{ code: 'leak', message: 'A frame got past.' }] };
      expect(() => expect(leaking).toLeakNothing()).toThrow('leak: A frame got past.');
      expect(leaking).not.toBeExact();
    });`;
    await writeFile(join(folder, 'kept.spec.mjs'), suite);
    const { all } = await inFolder('node', [runner('vitest/vitest.mjs'), 'run', 'kept.spec.mjs']);
    expect(all).toContain('1 passed');
  },
);

other('the declarations are what they say, as Node resolves them', async () => {
  // What Jest's package brings along.
  await symlink(runner('@jest'), join(folder, 'node_modules/@jest'));
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ];
  await inFolder('node', [runner('typescript/bin/tsc'), ...options, '--module', 'nodenext', 'shop.mts']);
});

other('the command is in the package, and takes topologies that import it', async () => {
  const { all } = await inFolder('npx', ['--offline', 'tcpcopy-lab', 'plan', 'topology.mjs']);
  expect(all).toMatch(/^shop: A shop, and its next version\.\n/);
});

other.play();

const labNames = async (): Promise<string[]> =>
  (await findLabs()).map(({ name }) => name).filter((name) => /^(shop|left)-/.test(name));

/** A program that starts a lab, killed in the middle of it. */
async function leaveLab(): Promise<void> {
  const program = `
    import { startLab } from 'tcpcopy-lab';
    import topology from 'tcpcopy-lab/topologies/traditional';
    const step = async (title, work) => (console.log(title), await work());
    await startLab(topology, { name: 'left-behind', bare: true, progress: { step, note: () => {} } });
    console.log('done');`;
  const child = inFolder('node', ['--input-type=module', '--eval', program]);
  child.catch(() => undefined);
  const started = new Promise<void>((resolve) => {
    child.all.on('data', (said: Buffer) => {
      if (said.toString().includes('node')) resolve();
    });
  });
  await Promise.race([started, child]);
  // While it is only stopped nobody else, who starts a lab beside this test, takes what it leaves for abandoned.
  child.kill('SIGSTOP');
  expect(await labNames()).toEqual(['left-behind']);
  child.kill('SIGKILL');
  await child.catch(() => undefined);
}

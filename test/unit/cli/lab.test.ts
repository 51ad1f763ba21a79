import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import traditional from '../../../topologies/traditional';

const program = join(import.meta.dirname, '../../../bin/lab');

/** Commands that need no engine; a socket that is not there proves it. */
const lab = (...argv: string[]) => labAt('unix:///nowhere.sock', ...argv);

function labAt(engine: string, ...argv: string[]) {
  return execa(program, argv, { reject: false, cwd: folder, env: { DOCKER_HOST: engine } });
}

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'lab-cli-'))));
afterAll(() => rm(folder, { recursive: true }));

test('plan prints the steps, and JSON for programs', async () => {
  const { stdout, exitCode } = await lab('plan');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('on test: intercept -x 198.18.10.20 -b 198.18.10.30 -d');
  const plan = JSON.parse((await lab('plan', 'traditional-redis', '--json')).stdout) as { steps: unknown[] };
  expect(plan.steps.length).toBeGreaterThan(8);
});

test('a topology can be a JSON file, relative to where the user is', async () => {
  await writeFile(join(folder, 'mine.json'), JSON.stringify({ ...traditional, name: 'mine' }));
  const { stdout, exitCode } = await lab('plan', 'mine.json');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('mine:');
});

test('all faults of a file are printed, with status 2', async () => {
  const nodes = { ...traditional.nodes, client: { role: 'client', network: 'wan', address: '10.0.0.1' } };
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...traditional, nodes, copies: [{}] }));
  const { stderr, exitCode } = await lab('plan', 'wrong.json');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('copies.0.architecture');
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each([
  ['does not compile', 'export default {\n  name: 1\n  copies: [],\n};', /wrong\.ts:3:3: Expected "}"/],
  [
    'imports what is not there',
    "import '../lab/topology/define';",
    /wrong\.ts:1:8: Could not resolve[^]*'tcpcopy-lab'/,
  ],
  ['throws', "throw new Error('boom');", /throws when it is read: boom/],
])('a file that %s is refused with the place, and no trace of ours', async (_, text, said) => {
  await writeFile(join(folder, 'wrong.ts'), text);
  const { stderr, exitCode } = await lab('plan', 'wrong.ts');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(said)]);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('a file that is not JSON is refused with its place', async () => {
  await writeFile(join(folder, 'broken.json'), '{\n  "name": "x",\n  y\n}');
  const { stderr, exitCode } = await lab('plan', 'broken.json');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/line 3, column 3|\(file\)/)]);
});

test('a file that is not JSON is refused with its name', async () => {
  await writeFile(join(folder, 'broken.json'), '{');
  const { stderr, exitCode } = await lab('up', 'broken.json');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('broken.json');
});

test('an unknown topology is answered with those that there are', async () => {
  const { stderr, exitCode } = await lab('up', 'tradtional');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('traditional-redis');
});

test('an engine that is Podman’s is refused by its name', async () => {
  // As `podman system service` answers a client of Docker.
  const version = { Version: '5.4.0', Components: [{ Name: 'Podman Engine', Version: '5.4.0' }] };
  const engine = createServer((_, response) => void response.end(JSON.stringify(version)));
  const socket = join(folder, 'podman.sock');
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  const { stderr, exitCode } = await labAt(`unix://${socket}`, 'up');
  engine.close();
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Podman 5.4.0 answers at unix://${socket}: labs need Docker's own engine.`);
});

test('without an engine: status 1 and what to do', async () => {
  const { stderr, exitCode } = await lab('up');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('/nowhere.sock');
  expect(stderr).toContain('make bootstrap');
});

test.each([
  ['bogus'],
  ['up', '--bogus'],
  ['exec', 'client'],
  ['up', 'traditional', 'extra'],
  ['up', '--subnet', 'x'],
  ['up', '--name', 'A B'],
])('a wrong command line (%s %s) ends with status 2', async (...argv) => {
  expect((await lab(...argv)).exitCode).toBe(2);
});

test.each([
  'up',
  'down',
  'status',
  'verify',
  'run',
  'plan',
  'exec',
  'logs',
  'list',
  'schema',
  'build',
  'doctor',
  'lesson',
  'exam',
  'sysctl',
])('%s --help has an example', async (command) => {
  const { stdout, exitCode } = await lab(command, '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Example:\n  lab ${command}`);
});

test.each([
  [['lesson', '99'], 'There are 1 to'],
  [['exam', '--seed', '-1'], '--seed takes a whole number'],
  [['exam', 'grade', 'nowhere.json'], 'nowhere.json cannot be read'],
  [['sysctl', 'test', 'kernel.panic=1'], "no parameter of a node's network"],
])('%j is refused by name, with status 2', async (argv, message) => {
  const { stderr, exitCode } = await lab(...argv);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});

test('lesson lists the course without an engine, in the language that is asked for', async () => {
  const { stdout, exitCode } = await lab('lesson', '--lang', 'zh');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('十分钟看懂 TCP');
});

test('schema prints a JSON Schema', async () => {
  expect(JSON.parse((await lab('schema')).stdout)).toHaveProperty('$schema');
});

test.each(['--junit', '--summary'])(
  '%s that cannot be written is refused before anything starts',
  async (option) => {
    for (const file of [folder, join(folder, 'not/even/there.xml')]) {
      const { stderr, exitCode } = await lab('run', 'rule-removed', option, file);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/--(junit|summary).* cannot be written/)]);
    }
  },
);
test.each([
  ['compare', '--out'],
  ['compare', '--keep'],
  ['verify', '--html'],
  ['verify', '--keep'],
])('%s %s that cannot be written is refused before anything starts', async (command, option) => {
  await writeFile(join(folder, 'file'), '');
  const { stderr, exitCode } = await lab(command, option, join(folder, 'file/r'));
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(`${option}.* cannot be written: ENOTDIR`)]);
});

test('results that a full disk keeps back are told in a line, with status 2', async () => {
  const { stderr: said, exitCode: status } = await execa('sh', ['-c', `${program} plan > /dev/full`], {
    reject: false,
  });
  expect([status, said]).toEqual([2, expect.stringContaining('standard output cannot be written: ENOSPC')]);
  expect(said).not.toMatch(/\n\s+at /);
});

import { execa } from 'execa';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawing } from '../stage/drawn';

const program = join(import.meta.dirname, '../../bin/lab');
const name = 'e2e-components';

const lab = (...argv: string[]) => execa(program, argv, { reject: false });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-components-'));
});
afterEach(async () => {
  await lab('down', name);
  await rm(folder, { recursive: true });
});

/** Programs that are ours under another name; `said` is what they answer when they are asked for their version. */
async function writePrograms(said?: string): Promise<void> {
  for (const one of ['tcpcopy', 'intercept']) {
    const bundle = `/opt/tcpcopy-lab/programs/${one}.mjs`;
    const version = said === undefined ? '' : `[ "$1" != -v ] || exec echo "${one} ${said}"\n`;
    const run = `exec /opt/tcpcopy-lab/bin/${one} --disable-warning=ExperimentalWarning ${bundle} "$@"\n`;
    const file = join(folder, one);
    await writeFile(file, `#!/bin/sh\n${version}echo "$@" >>/tmp/started-${one}\n${run}`);
    await chmod(file, 0o755);
  }
}

async function inNode(node: string, ...argv: string[]): Promise<string> {
  const { stdout } = await lab('exec', '--name', name, node, '--', ...argv);
  return stdout;
}

interface Report {
  readonly verdict: string;
  readonly counters: { readonly tcpcopy: unknown; readonly intercept: unknown };
}

async function verified(): Promise<Report> {
  const reports = ['--junit', join(folder, 'junit.xml'), '--summary', join(folder, 'summary.md')];
  const { stdout } = await lab('verify', '--name', name, '--json', '--requests', '600', ...reports);
  return JSON.parse(stdout) as Report;
}

test('programs of ours in a directory take the place of the image’s', async () => {
  await writePrograms();
  const up = await lab('up', '--name', name, '--components', folder);
  expect([up.exitCode, up.exitCode === 0 ? '' : up.stderr]).toEqual([0, '']);
  expect(up.stdout).toContain(`those of ${folder} (flavour ours)`);
  expect(await inNode('online', 'cat', '/tmp/started-tcpcopy')).toContain('-x 80-');
  expect(await inNode('test', 'cat', '/tmp/started-intercept')).toContain('-b ');

  const { verdict, counters } = await verified();
  expect(verdict).toBe('pass');
  expect(counters.tcpcopy).not.toBeNull();
  expect(await readFile(join(folder, 'junit.xml'), 'utf8')).toMatch(
    /<testsuites name="tcpcopy-lab" tests="1" failures="0" errors="0" time="\d+\.\d{3}">[^]* value="600"/,
  );
  expect(await readFile(join(folder, 'summary.md'), 'utf8')).toMatch(/^## ✅ lab verify\n\n1 of 1 passed/);

  const status = await lab('status', '--name', name);
  expect([status.exitCode, status.stdout]).toEqual([0, expect.stringContaining(`those of ${folder}`)]);

  const another = await lab('up', '--name', name, '--components', tmpdir());
  expect([another.exitCode, another.stderr]).toEqual([2, expect.stringContaining('There is no program')]);
});

const other = drawing('other programs', 1);

other(
  'programs that say they are 0.9 get its command lines, and are not asked for what only ours have',
  async () => {
    await writePrograms('version:0.9.10');
    const refused = await lab('up', 'data-link', '--name', name, '--components', folder);
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('flavour 0.9 are not for'),
    ]);

    const up = await lab('up', '--name', name, '--components', folder);
    expect([up.exitCode, up.exitCode === 0 ? '' : up.stderr]).toEqual([0, '']);
    expect(await inNode('online', 'cat', '/tmp/started-tcpcopy')).toMatch(
      /^-x \S+ -l \/var\/log\/tcpcopy\.log -P \/run\/tcpcopy\.pid -d$/m,
    );
    const { verdict, counters } = await verified();
    expect({ verdict, counters }).toEqual({ verdict: 'pass', counters: { tcpcopy: null, intercept: null } });
    expect((await lab('status', '--name', name)).exitCode).toBe(0);

    const down = await lab('down', name);
    expect(down.stderr).toContain(`Removed: ${name}.`);
    expect(down.stderr).not.toContain('it does not hold');
  },
);

other('scenarios are played with other programs, where these are for their architecture', async () => {
  await writePrograms('version:0.9.10');
  const refused = await lab('run', 'data-link-kill-tcpcopy', '--components', folder);
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining('Programs of flavour 0.9 are not for the architecture data-link.'),
  ]);
  const detector = await lab('run', 'clean', '--components', folder);
  expect([detector.exitCode, detector.stderr]).toEqual([2, expect.stringContaining('with our programs')]);

  const played = await lab('run', 'start-rule-intercept-tcpcopy', '--components', folder, '--json');
  expect(JSON.parse(played.stdout)).toMatchObject([{ verdict: 'pass', leaked: 0, reasons: [] }]);

  await writeFile(
    join(folder, 'tcpcopy'),
    '#!/bin/sh\n[ "$1" = -v ] && exec echo "tcpcopy version:0.9.10"\nexit 3\n',
  );
  const broken = await lab('run', 'start-rule-intercept-tcpcopy', '--components', folder, '--json');
  expect(broken.exitCode).toBe(1);
  const [{ reasons }] = JSON.parse(broken.stdout) as [{ readonly reasons: readonly string[] }];
  expect(reasons.join('\n')).toContain('ended with status 3');
});

other('programs that say nothing we know are refused until their flavour is given', async () => {
  await writePrograms('of a kind of its own');
  const up = await lab('up', '--name', name, '--components', folder);
  expect([up.exitCode, up.stderr]).toEqual([2, expect.stringContaining('--flavour ours, 0.9, 1.x')]);
  const given = await lab('up', '--name', name, '--components', folder, '--flavour', 'ours');
  expect([given.exitCode, given.exitCode === 0 ? '' : given.stderr]).toEqual([0, '']);
});

other.play();

test('a directory without the programs is refused before anything starts', async () => {
  const { exitCode, stderr } = await lab('up', '--name', name, '--components', folder);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`There is no program ${folder}/tcpcopy.`)]);
});

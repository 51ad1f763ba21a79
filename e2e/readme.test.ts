import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inLab, isRun, readPage, type Page } from './readme-commands';

const root = join(import.meta.dirname, '..');
/** A lab of its own, so that one that somebody works in is left alone. */
const name = 'e2e-readme';
/** Stands for the root of the repository, so that what a page saves there leaves nothing behind. */
const scratch = join(root, '.lab', name);
/** A page has up to fifty commands, and the machine may be busy. */
const longest_ms = 600_000;

interface Outcome {
  readonly line: string;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const pageOf = async (file: string): Promise<Page> => readPage(await readFile(join(root, file), 'utf8'));

async function shell(line: string): Promise<Outcome> {
  const options = { cwd: scratch, reject: false, stdin: 'ignore' } as const;
  const { exitCode, stdout, stderr } = await execa('/bin/sh', ['-c', line], options);
  return { line, exitCode, stdout, stderr };
}

/** The address of a node of the lab; pages name those of the shipped topology, and the lab may stand elsewhere. */
async function addressOf(node: string): Promise<string> {
  const { stdout } = await shell(`./bin/lab status --name ${name} --json`);
  const { nodes } = JSON.parse(stdout) as { nodes: { name: string; address: string }[] };
  return nodes.find((candidate) => candidate.name === node)!.address;
}

async function run(line: string): Promise<Outcome> {
  const shipped = /198\.18\.1[0-9]\./g;
  const moved = shipped.test(line)
    ? line.replace(shipped, (await addressOf('test')).replace(/\d+$/, ''))
    : line;
  return shell(inLab(name, moved));
}

/** The commands in their order, each of which must end as the page says. */
async function follow(page: Page): Promise<Outcome[]> {
  for (const [path, content] of Object.entries(page.files)) await writeFile(join(scratch, path), content);
  const outcomes: Outcome[] = [];
  expect(page.commands.filter(isRun).length).toBeGreaterThan(5);
  for (const { line, exits } of page.commands.filter(isRun)) {
    const outcome = await run(line);
    outcomes.push(outcome);
    // The whole way there, should it have gone wrong.
    const story = JSON.stringify(outcomes, null, 2);
    if (outcome.exitCode !== exits) throw new Error(`${line} must exit with ${exits}, and did not: ${story}`);
    if (/ client -- .*\bss -t/.test(line)) expect(outcome.stdout).not.toContain(await addressOf('test'));
  }
  return outcomes;
}

beforeAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  // What a page saves goes where the reader's own files do not disturb lint and types.
  for (const folder of ['topologies', '.lab']) await mkdir(join(scratch, folder), { recursive: true });
  for (const folder of ['bin', 'lab']) await symlink(join(root, folder), join(scratch, folder));
});

afterEach(async () => {
  await shell(`./bin/lab down --name ${name}`);
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

test('both READMEs give the same commands, files and outputs, in the same order', async () => {
  const [english, chinese] = await Promise.all(['README.md', 'README.zh-CN.md'].map(pageOf));
  expect(chinese).toEqual(english);
});

test(
  'the commands of the README do what it says, and verify prints what it shows',
  async () => {
    const page = await pageOf('README.md');
    const outcomes = await follow(page);
    const printed = outcomes.find(({ stdout }) => stdout.startsWith('PASS'))!.stdout;
    const shown = page.outputs.find((output) => output.includes('\nPASS'))!.replace(/^\$.*\n/, '');
    expect(firstWords(shown)).toEqual(firstWords(printed));
  },
  longest_ms,
);

const pages = readdirSync(join(root, 'docs/exercises')).map((name) => `docs/exercises/${name}`);

test.each([...pages, 'docs/topology.md'])(
  'the commands of %s do what it says',
  async (file) => {
    await follow(await pageOf(file));
  },
  longest_ms,
);

function firstWords(text: string): string[] {
  return [...text.matchAll(/^\s*(\S+)/gm)].map(([, word]) => word!);
}

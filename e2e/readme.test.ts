import { execa } from 'execa';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPrinted, isPrintedWithin } from './printed';
import {
  followedPages,
  inLab,
  isRun,
  readPage,
  type Page,
  type PageCommand,
  type PageOutput,
} from './readme-commands';

const root = join(import.meta.dirname, '..');
/** A lab of its own, so that one that somebody works in is left alone. */
const name = 'e2e-readme';
/** Stands for the root of the repository, so that what a page saves there leaves nothing behind. */
const scratch = join(root, '.lab', name);
/** A page has up to fifty commands, and the machine may be busy. */
const longest_ms = 600_000;

interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Outcome = Ended & PageCommand;

const pageOf = async (file: string): Promise<Page> => readPage(await readFile(join(root, file), 'utf8'));

async function shell(line: string): Promise<Ended> {
  const options = { cwd: scratch, reject: false, stdin: 'ignore' } as const;
  const { exitCode, stdout, stderr } = await execa('/bin/sh', ['-c', line], options);
  return { exitCode, stdout, stderr };
}

/** The address of a node of the lab; pages name those of the shipped topology, and the lab may stand elsewhere. */
async function addressOf(node: string): Promise<string> {
  const { stdout } = await shell(`./bin/lab status --name ${name} --json`);
  const { nodes } = JSON.parse(stdout) as { nodes: { name: string; address: string }[] };
  return nodes.find((candidate) => candidate.name === node)!.address;
}

async function run(line: string): Promise<Ended> {
  const shipped = /198\.18\.1[0-9]\./g;
  const moved = shipped.test(line)
    ? line.replace(shipped, (await addressOf('test')).replace(/\d+$/, ''))
    : line;
  return shell(inLab(name, moved));
}

/** The commands in their order, each of which must end as the page says, and print what it shows. */
async function follow(page: Page): Promise<void> {
  for (const [path, content] of Object.entries(page.files)) await writeFile(join(scratch, path), content);
  const outcomes: Outcome[] = [];
  expect(page.commands.filter(isRun).length).toBeGreaterThan(5);
  for (const command of page.commands.filter(isRun)) {
    const { line, exits } = command;
    const ended = await run(line);
    outcomes.push({ ...command, ...ended });
    // The whole way there, should it have gone wrong.
    const story = JSON.stringify(outcomes, null, 2);
    if (ended.exitCode !== exits) throw new Error(`${line} must exit with ${exits}, and did not: ${story}`);
    if (/ client -- .*\bss -t/.test(line)) expect(ended.stdout).not.toContain(await addressOf('test'));
  }
  for (const output of page.outputs) expect(faultOf(output, outcomes)).toBeUndefined();
}

/** What is printed instead of what the page shows. */
function faultOf({ shown, command, block }: PageOutput, outcomes: readonly Outcome[]): string | undefined {
  const of = outcomes.filter((outcome) =>
    command === undefined ? outcome.block === block : outcome.line === command,
  );
  if (command !== undefined)
    return of[0] && isPrinted(shown, of[0].stdout) ? undefined : `${command} prints:\n${of[0]?.stdout}`;
  const printed = of.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
  return isPrintedWithin(shown, printed) ? undefined : `${shown}\nis not in what is printed:\n${printed}`;
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

test.each(followedPages)(
  'the commands of %s do what it says, and print what it shows',
  async (file) => {
    await follow(await pageOf(file));
  },
  longest_ms,
);

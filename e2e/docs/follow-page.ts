/** Follows the commands of pages in a lab of their own, and compares what is printed with what the pages show. */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { execa } from 'execa';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLab } from '../../lab/library';
import { isPrinted, isPrintedWithin } from './printed';
import { inLab, isRun, readPage, type Page, type PageCommand, type PageOutput } from './readme-commands';

const root = join(import.meta.dirname, '../..');
/** A page has up to fifty commands, and the machine may be busy. */
export const FOLLOWED_WITHIN_MS = 600_000;

interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Outcome = Ended & PageCommand;

export const pageOf = async (file: string): Promise<Page> =>
  readPage(await readFile(join(root, file), 'utf8'));

/**
 * Called in a test file, for the tests of this file: gives what follows a page, command by command, each of which must end as
 * the page says, and print what it shows.
 *
 * @param name of the lab, of which no other file may make one
 */
export function follower(name: string): (page: Page) => Promise<void> {
  /** Stands for the root of the repository, so that what a page saves there leaves nothing behind. */
  const scratch = join(root, '.lab', name);

  async function shell(line: string): Promise<Ended> {
    const options = { cwd: scratch, reject: false, stdin: 'ignore' } as const;
    const { exitCode, stdout, stderr } = await execa('/bin/sh', ['-c', line], options);
    return { exitCode, stdout, stderr };
  }

  /** Pages name the addresses of the shipped topology, and the lab may stand elsewhere. */
  const testServer = async (): Promise<string> => (await openLab(name)).topology.nodes['test']!.address;

  async function run(line: string): Promise<Ended> {
    const shipped = /198\.18\.1[0-9]\./g;
    const moved = shipped.test(line) ? line.replace(shipped, (await testServer()).replace(/\d+$/, '')) : line;
    return shell(inLab(name, moved));
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
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  return async (page) => {
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
      if (/ client -- .*\bss -t/.test(line)) expect(ended.stdout).not.toContain(await testServer());
    }
    for (const output of page.outputs) expect(faultOf(output, outcomes)).toBeUndefined();
  };
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

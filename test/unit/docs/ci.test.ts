/** The jobs that docs/ci.md shows: their commands are ones that there are, with options that they take. */
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { scenarios } from '../../../lab/scenarios/catalogue/all';

const page = await readFile('docs/ci.md', 'utf8');
const jobs = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, job]) => job!);
const commands = jobs.flatMap((job) =>
  [...job.matchAll(/(?:run:|-) (\.\/bin\/lab|make) (.+)$/gm)].map(([, program, words]) => ({
    program: program!,
    words: words!.split(' '),
  })),
);

test('there is a job for each CI server, from start to end', () => {
  expect(jobs).toHaveLength(2);
  for (const job of jobs) {
    expect(job.match(/make lab-up|lab verify|lab run|make lab-down/g)).toEqual([
      'make lab-up',
      'lab verify',
      'lab run',
      'make lab-down',
    ]);
  }
});

test('each command of a job takes the options that it is given', async () => {
  const ofLab = commands.filter(({ program }) => program === './bin/lab');
  expect(ofLab).toHaveLength(4);
  for (const { words } of ofLab) {
    const { stdout } = await execa('./bin/lab', [words[0]!, '--help']);
    const options = words.filter((word) => word.startsWith('--'));
    expect(options.filter((option) => !stdout.includes(option))).toEqual([]);
  }
});

test('each target of a job is in the Makefile, and each scenario in the catalogue', async () => {
  const makefile = await readFile('Makefile', 'utf8');
  const targets = commands.filter(({ program }) => program === 'make').map(({ words }) => words[0]!);
  expect(targets.filter((target) => !makefile.includes(`\n${target}:`))).toEqual([]);
  const names = commands
    .filter(({ words }) => words[0] === 'run')
    .flatMap(({ words }) =>
      words.slice(
        1,
        words.findIndex((word) => word.startsWith('--')),
      ),
    );
  const known = scenarios.map(({ name }) => name);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(0);
});

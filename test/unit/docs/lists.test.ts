import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_CAUSES } from '../../../lab/doctor/causes';
import { CAUSES } from '../../../src/doctor/causes';
import { scenarios } from '../../../lab/scenarios/catalogue/all';
import { plantedLeaks } from '../../../lab/scenarios/planted/planted';
import { parseInterceptOptions } from '../../../src/intercept/options';
import { SITUATIONS } from '../../../src/session/exchange/exchange';
import { DROP_REASONS, GIVE_UP_REASONS, newCounters } from '../../../src/session/tables/counters';
import { Router } from '../../../src/routing/router';
import { SPECS } from '../../../src/tcpcopy/compare/options';
import { parseTcpcopyOptions } from '../../../src/tcpcopy/options/options';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The part of a page under a heading of the second rank. */
function sectionOf(page: string, heading: string): string {
  const [, section] = new RegExp(`^## ${heading}$([^]*?)(?=^## |$(?![^]))`, 'm').exec(read(page))!;
  return section!;
}

/** What stands in code marks in the first column of a section's tables. */
const firstColumn = (text: string): string[] =>
  [...text.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
  );

describe.each([
  [
    'tcpcopy',
    () =>
      parseTcpcopyOptions(['--help'], {
        addresses: new Set(),
        smallestMtu_bytes: undefined,
        exists: () => false,
        matching: () => [],
      }),
  ],
  ['intercept', () => parseInterceptOptions(['--help'])],
] as const)('docs/options.md, %s', (program, help) => {
  const command = help();
  const text = command.kind === 'print' ? command.text : '';
  const inHelp = [...text.matchAll(/^ {2}(?:(-\w), {1}| {4})(--[a-z-]+)/gm)].flatMap(([, short, long]) =>
    short === undefined ? [long!] : [short, long!],
  );

  test('the help text is read', () => {
    expect(inHelp).toEqual(expect.arrayContaining(['-x', '-d', '--daemon', '-h', '--help']));
  });

  test('has the options of the help text, and no others', () => {
    expect(firstColumn(sectionOf('docs/options.md', program)).toSorted()).toEqual(inHelp.toSorted());
  });
});

test.each([
  ['docs/compare.md', 'Options of tcpcopy compare'],
  ['docs/compare.zh-CN.md', 'tcpcopy compare 的选项'],
])('%s has every option of tcpcopy compare, and no others', (page, heading) => {
  const names = SPECS.flatMap(({ short, long }) => (short ? [`-${short}`, `--${long}`] : [`--${long}`]));
  expect(firstColumn(sectionOf(page, heading)).toSorted()).toEqual(names.toSorted());
});

test('docs/verify.md has every finding, and no others', () => {
  const [, union] = /export type FindingCode =([^]*?);/.exec(read('lab/verify/findings/finding.ts'))!;
  const codes = [...union!.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(10);
  expect(firstColumn(sectionOf('docs/verify.md', 'What it can find')).toSorted()).toEqual(codes.toSorted());
});

test.each([
  ["What the programs' doctors can find", CAUSES],
  ['What `lab doctor` can find', LAB_CAUSES],
])('docs/doctor.md, %s, has every cause, and no others', (heading, causes) => {
  expect(firstColumn(sectionOf('docs/doctor.md', heading)).toSorted()).toEqual(
    Object.keys(causes).toSorted(),
  );
});

describe('docs/scenarios.md', () => {
  test('has every scenario with what it teaches, and no others, in the order of playing', () => {
    const section = sectionOf('docs/scenarios.md', 'The scenarios');
    expect(firstColumn(section)).toEqual(scenarios.map(({ name }) => name));
    expect(scenarios.filter(({ title, teaches }) => !section.includes(`| ${title} | ${teaches} |`))).toEqual(
      [],
    );
  });

  test('has every planted leak, with the name under which it is found', () => {
    const section = sectionOf('docs/scenarios.md', 'Tests of the leak detector');
    const rows = plantedLeaks.map(
      ({ name, found }) => `| ${name} | \`${'leak' in found ? found.leak : found.exposure}\` |`,
    );
    expect(rows.filter((row) => !section.includes(row))).toEqual([]);
  });
});

describe('docs/counters.md', () => {
  const documented = firstColumn(sectionOf('docs/counters.md', 'tcpcopy'));

  test('has every counter of the session engine, one by one or as a family with a star', () => {
    const families = documented.filter((name) => name.endsWith('_*')).map((name) => name.slice(0, -1));
    const isFamily = (name: string): boolean => families.some((prefix) => name.startsWith(prefix));
    const names = Object.keys(newCounters());
    expect(names.filter((name) => !documented.includes(name) && !isFamily(name))).toEqual([]);
  });

  test('has every reason that a segment or a session can be lost for', () => {
    const reasons = [...DROP_REASONS, ...GIVE_UP_REASONS];
    expect(reasons.filter((reason) => !documented.includes(reason))).toEqual([]);
  });

  test('has every counter of the router', () => {
    const inRouter = firstColumn(sectionOf('docs/counters.md', 'intercept'));
    expect(inRouter).toEqual(expect.arrayContaining(Object.keys(new Router().counters)));
  });
});

test('docs/otherwise.md has the rule by which words go out, in both languages', () => {
  const english = sectionOf('docs/otherwise.md', 'When the next words go out');
  const rows = [...english.matchAll(/^\| `(\w+)` \|.*\| (.+) \| (.+) \|$/gm)].map(
    ([, name, assumes, awaits]) => ({
      name,
      assumes,
      awaits: awaits === 'nothing' ? undefined : awaits,
    }),
  );
  expect(rows).toEqual(
    Object.entries(SITUATIONS).map(([name, { assumes, awaits }]) => ({ name, assumes, awaits })),
  );
  const chinese = sectionOf('docs/otherwise.zh-CN.md', '接下来的话何时发出');
  expect(firstColumn(chinese)).toEqual(Object.keys(SITUATIONS));
});

describe('docs/decisions', () => {
  const pages = readdirSync(join(root, 'docs/decisions')).filter((page) => page !== 'README.md');

  test('are numbered in one row', () => {
    const numbers = pages.map((page) => page.slice(0, 5)).toSorted();
    expect(numbers).toEqual(pages.map((_, index) => `${String(index + 1).padStart(4, '0')}-`));
  });

  test('has all of them in its index, in this order and by their titles', () => {
    const titleOf = (page: string): string => /^# (.+)\n/.exec(read(`docs/decisions/${page}`))![1]!;
    const lines = pages.toSorted().map((page, index) => `${index + 1}. [${titleOf(page)}](${page})`);
    expect(read('docs/decisions/README.md').match(/^\d+\. .+$/gm)).toEqual(lines);
  });
});

describe('CONTRIBUTING.md', () => {
  const marked = [...read('CONTRIBUTING.md').matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);

  test('names files that exist', () => {
    const paths = marked.filter((word) => /^[\w./-]+$/.test(word) && /\/|\.\w+$/.test(word));
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    const commands = marked.flatMap(
      (word) => /^(make|npm run) (\w+)/.exec(word)?.slice(1, 3).join(' ') ?? [],
    );
    expect(commands.length).toBeGreaterThan(5);
    const known = [
      ...Object.keys(scripts).map((script) => `npm run ${script}`),
      ...[...read('Makefile').matchAll(/^(\w[\w-]*):/gm)].map(([, target]) => `make ${target}`),
    ];
    expect(commands.filter((command) => !known.some((one) => one.startsWith(command)))).toEqual([]);
  });
});

/** The commands that a page shows, and files as they are written, which are the same in every language. */
const commandsOf = (page: string): string[] =>
  [...read(page).matchAll(/^```text\n([^]*?)^```$/gm)].map(([, block]) => block!);

test('docs/production.zh-CN.md has the commands of the English page, in its order', () => {
  expect(commandsOf('docs/production.zh-CN.md')).toEqual(commandsOf('docs/production.md'));
});

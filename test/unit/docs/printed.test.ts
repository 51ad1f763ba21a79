import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPrinted, isPrintedWithin } from '../../../e2e/docs/printed';
import { followedPages, readPage } from '../../../e2e/docs/readme-commands';
import { pages } from './pages';

const root = join(import.meta.dirname, '../../..');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Pages that are not followed themselves, and the tests that hold their outputs. */
const heldElsewhere: Readonly<Record<string, string>> = {
  'README.zh-CN.md': 'e2e/docs/readme.test.ts',
  'docs/doctor.md': 'e2e/proof/doctor.test.ts',
  'docs/offline.md': 'e2e/copy/offline.test.ts',
  'docs/services.md': 'e2e/lab/fence.test.ts',
  'docs/services.zh-CN.md': 'e2e/lab/fence.test.ts',
};

const report = `PASS  every request arrived once

  leaks       0 frames
  load        312 connections in 2.4 s, 0.476 ms median
  repeat      lab verify --seed 829050
`;

describe('what a page shows', () => {
  test('is printed when only times and numbers differ', () => {
    const other = report.replace('312', '1,301').replace('2.4', '11').replace('829050', '7');
    expect(isPrinted(report, other)).toBe(true);
    expect(isPrinted('lab/5xsos0up/0-0', 'lab/abcdefgh/12-3')).toBe(true);
  });

  test.each([
    ['a leak that is none', report.replace('0 frames', '2 frames')],
    ['another word', report.replace('PASS  every', 'FAIL  no')],
    ['a line less', report.replace(/^.*median\n/m, '')],
    ['a line more', `${report}  exposures   1 frame\n`],
    ['another order', report.split('\n').toReversed().join('\n')],
    ['nothing', ''],
  ])('is not printed when there is %s', (_, printed) => {
    expect(isPrinted(report, printed)).toBe(false);
  });

  test('may leave lines and words out where it says so', () => {
    expect(isPrinted('PASS  every…\n…\n  repeat      lab verify …', report)).toBe(true);
    expect(isPrinted('PASS  every…\n…\n  passlist    12 answers', report)).toBe(false);
    expect(isPrinted('PASS  every…', report)).toBe(false);
  });

  test('may be a part of what several commands print, in one piece', () => {
    expect(isPrintedWithin('leaks 0 frames\nload 1 connections in 2 s, 3 ms median\n', report)).toBe(true);
    expect(isPrintedWithin('leaks 0 frames\nrepeat lab verify --seed 1', report)).toBe(false);
  });
});

test("an output is that of its own command, or of the page's commands before it", () => {
  const page = '```sh\none\n```\n```output\n1\n```\n```sh\ntwo\n```\n```output\n$ one\n1\n```\n';
  expect(readPage(page).outputs).toEqual([
    { shown: '1\n', command: undefined, block: 0 },
    { shown: '1\n', command: 'one', block: 1 },
  ]);
});

describe.each(pages())('%s', (page) => {
  const fences = [...read(page).matchAll(/^ *```(.*)$/gm)].flatMap(([, language], index) =>
    index % 2 === 0 ? [language!] : [],
  );

  test('says of each block what it is, and shows as outputs only what is held against the commands', () => {
    expect(
      fences.filter(
        (language) => !/^(sh|text|output|mermaid|(ts|js|json|yaml|dockerfile)( \S+)?)$/.test(language),
      ),
    ).toEqual([]);
    const isHeld =
      (followedPages as readonly string[]).includes(page) ||
      (page in heldElsewhere && read(heldElsewhere[page]!).includes(page));
    expect(isHeld || !fences.includes('output')).toBe(true);
  });
});

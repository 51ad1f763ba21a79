import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pages } from './pages';

const root = join(import.meta.dirname, '../../..');

/** Code is no place for links. */
function proseOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  return text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Targets of links and pictures, but for those on other machines. */
const targetsIn = (prose: string): string[] =>
  [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** As GitHub names headings. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(join(root, page), 'utf8')
    .replace(/^```[^]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function fault(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(root, resolve(root, dirname(page), path));
  if (file.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(join(root, file))) return 'names nothing that exists';
  if (anchor === undefined) return undefined;
  const isPage = statSync(join(root, file)).isFile() && file.endsWith('.md');
  return isPage && anchorsOf(file).includes(anchor) ? undefined : 'names no heading of the page';
}

test.each(pages())('the links of %s lead somewhere', (page) => {
  const dead = targetsIn(proseOf(page)).flatMap((target) => {
    const reason = fault(page, target);
    return reason === undefined ? [] : [`${target} ${reason}`];
  });
  expect(dead).toEqual([]);
});

test('dead links are seen', () => {
  expect(fault('README.md', 'docs/nothing.md')).toBeDefined();
  expect(fault('README.md', '#nothing-of-the-kind')).toBeDefined();
  expect(fault('README.md', '../elsewhere')).toBeDefined();
  expect(targetsIn('[a](b.md) ![c](d.svg) [e](https://example.org) `[f](g)`')).toEqual([
    'b.md',
    'd.svg',
    'g',
  ]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../../../lab/library';
import * as matchers from '../../../lab/library/matchers';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/library.md'), 'utf8');

test.each([...Object.keys(library), ...Object.keys(matchers)])('docs/library.md tells of %s', (name) => {
  expect(page).toContain(name);
});

test('docs/library.md tells of every way in that the package has for programs', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
  const ways = Object.keys(exports).filter((way) => way !== './package.json');
  for (const way of ways) expect(page).toContain(way.replace(/^\./, 'tcpcopy-lab').replace('*', ''));
});

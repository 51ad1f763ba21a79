import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderOfPackage } from '../../../lab/engine/images/places';

const root = join(import.meta.dirname, '../../..');
const koffi = join(folderOfPackage('@koromix/koffi-linux-x64'), 'linux_x64/koffi.node');

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** An addon can be loaded by a process of its own only. @returns what was said of it */
function load(...folders: string[]): string {
  const program = `
    import { readFileSync } from 'node:fs';
    import { loadAddon } from '${root}/src/standalone/addon.ts';
    try {
      const addon = loadAddon(readFileSync('${koffi}'), ${JSON.stringify(folders)});
      console.log('pid is', addon.load('libc.so.6').func('int getpid()')() === process.pid);
    } catch (error) {
      console.log(error.message);
    }`;
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const env = { ...process.env, NODE_OPTIONS: '' };
  return execFileSync(process.execPath, argv, { cwd: root, env }).toString().trim();
}

test('an addon that is no file is loaded, and nothing is left of it', () => {
  expect(load(folder)).toBe('pid is true');
  expect(readdirSync(folder)).toEqual([]);
});

test('the next folder is taken where one cannot be written, or knows no files without a name', () => {
  expect(load('/nowhere', '/proc', folder)).toBe('pid is true');
});

test('where no folder lets it be written, all of them are named', () => {
  const said = load('/nowhere', '/proc');
  expect(said).toMatch(/not noexec.*\/nowhere: .*; \/proc: /);
});

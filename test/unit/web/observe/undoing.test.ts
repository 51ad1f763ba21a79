import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conversation, LabNode } from '../../../../lab/engine/commands/lab';
import { Undoing } from '../../../../lab/web/observe/undoing';

/** This machine's own shell in the place of a node's. */
const here = {
  converse([program, ...words]: readonly string[]): Promise<Conversation> {
    const { stdin, stdout } = spawn(program!, words);
    const ended = once(stdout.resume(), 'close').then(() => undefined);
    return Promise.resolve({ stdin, stdout, stderr: () => '', ended });
  },
} as unknown as LabNode;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undoing-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was told is undone at the end and not before, the last first', async () => {
  const file = join(folder, 'undone');
  const undoing = await Undoing.open(here);
  undoing.add(`echo "it's first" >> ${file}`);
  undoing.add(`echo second '\\' >> ${file}`);
  expect(existsSync(file)).toBe(false);
  await undoing.run();
  expect(readFileSync(file, 'utf8')).toBe("second \\\nit's first\n");
});

test('what fails keeps nothing else from being undone', async () => {
  const file = join(folder, 'undone');
  const undoing = await Undoing.open(here);
  undoing.add(`echo done > ${file}`);
  undoing.add('false');
  undoing.add('no-such-program 2>/dev/null');
  await undoing.run();
  expect(existsSync(file)).toBe(true);
});

test('to undo nothing is no trouble', async () => {
  const undoing = await Undoing.open(here);
  await undoing.run();
  await undoing.ended;
});

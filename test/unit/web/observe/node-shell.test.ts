import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conversation, LabNode } from '../../../../lab/engine/nodes/lab';
import { NodeShell } from '../../../../lab/web/observe/node-shell';
import { quoted } from '../../../../lab/web/observe/quoted';

/** This machine's own shell in the place of a node's. */
const here = {
  name: 'here',
  converse([program, ...words]: readonly string[]): Promise<Conversation> {
    const { stdin, stdout, stderr } = spawn(program!, words);
    let said = '';
    stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    return Promise.resolve({
      stdin,
      stdout,
      stderr: () => said,
      ended: once(stdout, 'close').then(() => undefined),
    });
  },
} as unknown as LabNode;

let folder: string;
let shell: NodeShell;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'node-shell-'));
  shell = await NodeShell.open(here);
});
afterEach(async () => {
  await shell.close();
  rmSync(folder, { recursive: true });
});

test('commands are answered in their order, with output, complaint and status', async () => {
  const results = await Promise.all(
    ['1', '2', '3'].map((word) =>
      shell.exec(['sh', '-c', 'echo "out $0"; echo "err $0" >&2; exit $0', word]),
    ),
  );
  expect(
    results.map(({ exitCode, stdout, stderr }) => [exitCode, stdout.toString(), stderr.toString()]),
  ).toEqual(['1', '2', '3'].map((word) => [Number(word), `out ${word}\n`, `err ${word}\n`]));
});

test.each(["it's", 'a b', '$(touch x)', '`x`', '"', '\\', 'two\nlines', '-n', '*', ''])(
  'the word %p arrives as it is',
  async (word) => {
    const { stdout } = await shell.exec(['printf', '%s|', word, 'end']);
    expect(stdout.toString()).toBe(`${word}|end|`);
  },
);

test('output of every byte comes back as it went', async () => {
  const { stdout } = await shell.exec(['sh', '-c', 'head -c 300000 /dev/zero; printf "1 2 3\\n"']);
  expect(stdout.length).toBe(300_006);
});

test('what was to be taken back is taken back at its end, in reverse order', async () => {
  const file = join(folder, 'undone');
  await shell.atEnd(quoted(['sh', '-c', `echo first >> ${file}`]));
  await shell.atEnd(quoted(['sh', '-c', `echo second >> ${file}`]));
  expect(existsSync(file)).toBe(false);
  await shell.close();
  const again = await NodeShell.open(here);
  const { stdout } = await again.exec(['cat', file]);
  expect(stdout.toString()).toBe('second\nfirst\n');
  await again.close();
});

test('who is asked when it is gone says so', async () => {
  await shell.close();
  await expect(shell.exec(['true'])).rejects.toThrow('Node here is gone.');
});

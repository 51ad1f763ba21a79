import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conversation, LabNode, RunningLab } from '../../../../lab/engine/commands/lab';
import { onlookerOf } from '../../../../lab/web/observe/onlooker';

let talked: string[][];

/** This machine's own shells in the place of a node's. */
const here = {
  name: 'here',
  converse(argv: readonly string[]): Promise<Conversation> {
    talked.push([...argv]);
    const { stdin, stdout } = spawn(argv[0]!, argv.slice(1));
    const ended = once(stdout, 'close').then(() => undefined);
    return Promise.resolve({ stdin, stdout, stderr: () => '', ended });
  },
} as unknown as LabNode;
const lab = { name: 'lab', nodes: [here], node: () => here } as unknown as RunningLab;

beforeEach(() => (talked = []));

test('commands are carried out by one shell, the last in turn, each with its own output and status', async () => {
  const onlooker = await onlookerOf(lab);
  const node = onlooker.lab.node('here');
  const answers = await Promise.all([
    node.exec(['printf', '%s', "two\nlines, it's $HOME"]),
    node.exec(['sh', '-c', 'cat; echo hidden >&2; exit 3']),
    node.exec(['seq', '20000']),
    node.exec(['nice']),
  ]);
  await onlooker.close();
  expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 3, 0, 0]);
  const [words, none, many, nice] = answers.map(({ stdout }) => stdout.toString());
  expect([words, none, nice]).toEqual(["two\nlines, it's $HOME", '', '19\n']);
  expect(many!.split('\n')).toHaveLength(20_001);
  expect(talked).toHaveLength(1);
});

test('a command that takes too long is given up, and those behind it keep their own answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onlooker-'));
  const [onlooker, given] = [await onlookerOf(lab), join(folder, 'given')];
  const node = onlooker.lab.node('here');
  const slow = node.exec(['sh', '-c', `until [ -e ${given} ]; do sleep 0.01; done`], { timeout_ms: 20 });
  const next = node.exec(['echo', 'next']);
  await expect(slow).rejects.toMatchObject({ code: 'COMMAND_TIMED_OUT' });
  writeFileSync(given, '');
  expect((await next).stdout.toString()).toBe('next\n');
  await onlooker.close();
  rmSync(folder, { recursive: true });
});

test('what is asked of a node that goes is not waited for', async () => {
  const onlooker = await onlookerOf(lab);
  const cut = onlooker.lab.node('here').exec(['sh', '-c', 'kill -KILL "$PPID"']);
  await expect(cut).rejects.toMatchObject({ code: 'COMMAND_CUT_OFF' });
});

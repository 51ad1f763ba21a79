import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Conversation, LabNode, RunningLab } from '../../../../lab/engine/commands/lab';
import { Terminals } from '../../../../lab/web/terminals/terminals';

const wanted = { of: 'lab', node: 'test', columns: 80, rows: 24 } as const;

let executed: string[][];

/** A node whose shell says its device and a prompt, and ends with its input; or says nothing, and has ended. */
function nodeWith(says: string): LabNode {
  const converse = (): Promise<Conversation> => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    stdout.write(says);
    if (says === '') stdout.end();
    const ended = new Promise<void>((resolve) => stdin.resume().once('end', resolve));
    void ended.then(() => stdout.end());
    return Promise.resolve({ stdin, stdout, stderr: () => 'no such file', ended });
  };
  const exec = (argv: readonly string[]) => {
    executed.push([...argv]);
    return Promise.resolve({ exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
  };
  return { name: 'test', converse, exec } as unknown as LabNode;
}

const labWith = (says: string): RunningLab => ({ node: () => nodeWith(says) }) as unknown as RunningLab;
const terminalsIn = (lab: RunningLab | undefined): Terminals => new Terminals(() => lab);
beforeEach(() => (executed = []));

test('a shell says nothing of its device to the page, and is resized by it', async () => {
  const terminals = terminalsIn(labWith('/dev/pts/7\r\nroot@test:/# '));
  const terminal = await terminals.open(wanted);
  const said = text(terminal.output);
  await terminal.resize({ columns: 40, rows: 10 });
  expect(executed).toEqual([['stty', '-F', '/dev/pts/7', 'cols', '40', 'rows', '10']]);
  await terminals.close();
  expect(await said).toBe('root@test:/# ');
});

test('no more than eight are open, and one that ends makes room', async () => {
  const terminals = terminalsIn(labWith('/dev/pts/0\r\n'));
  const open = await Promise.all(Array.from({ length: 8 }, () => terminals.open(wanted)));
  await expect(terminals.open(wanted)).rejects.toThrow('8 shells are open already');
  await open[0]!.close();
  await terminals.open(wanted);
  await terminals.close();
});

test('where there is no lesson, or no shell in the node, that is said, and takes no room', async () => {
  await expect(terminalsIn(undefined).open({ ...wanted, of: 'lesson' })).rejects.toThrow('No lesson is open');
  const terminals = terminalsIn(labWith(''));
  for (let count = 0; count < 9; count += 1)
    await expect(terminals.open(wanted)).rejects.toThrow('There is no shell in test: no such file');
});

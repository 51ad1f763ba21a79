/** Commands of a node whose agent is not there any more, though the way to it stands: of a machine, as ssh takes it. */
import { jest } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine } from '../../../../lab/engine/machines/machine';
import { startByAgent } from '../../../../lab/engine/commands/agent';

let folder: string;
const before = process.env['LAB_SSH'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-agent-'));
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
});
afterEach(async () => {
  jest.useRealTimers();
  if (before === undefined) delete process.env['LAB_SSH'];
  else process.env['LAB_SSH'] = before;
  await rm(folder, { recursive: true });
});

/** @param line what stands in the place of ssh */
async function commandBy(line: string) {
  const ssh = join(folder, 'ssh');
  await writeFile(ssh, `#!/bin/sh\n${line}\n`);
  await chmod(ssh, 0o755);
  process.env['LAB_SSH'] = ssh;
  return startByAgent(new Machine('test', `root@${line}`), ['true']);
}

test('one of which nothing is heard for 20 s fails, and names the machine', async () => {
  const { ended } = await commandBy('exec sleep 600');
  const failure = ended.catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(20_000);
  const open = Symbol('open');
  expect(await Promise.race([failure, Promise.resolve(open)])).toBe(open);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(await failure).toMatchObject({
    code: 'MACHINE_UNREACHABLE',
    message: expect.stringContaining('nothing was heard of it for 20 s'),
  });
});

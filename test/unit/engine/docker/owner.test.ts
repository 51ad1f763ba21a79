import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { isGone, thisProcess } from '../../../../lab/engine/docker/owner';

const us = thisProcess();

test('a process that runs is not gone', () => {
  expect(us.pid).toBe(process.pid);
  expect(isGone(us)).toBe(false);
});

test('one that has ended is, also when another has its number', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  expect(isGone({ ...us, pid: child.pid! })).toBe(true);
  expect(isGone({ ...us, began: '1' })).toBe(true);
  expect(isGone({ ...us, boot: 'an earlier one' })).toBe(true);
});

test('so is one whose end nobody has asked for', async () => {
  // The shell becomes a program that knows nothing of the child, which ends when it sees that.
  const script = '(while [ "$(cat /proc/$$/comm)" = sh ]; do :; done) & echo $!; exec sleep 30';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = said.toString().trim();
  while (!/\) Z /.test(await readFile(`/proc/${child}/stat`, 'utf8'))) await setImmediate();
  const began = (await readFile(`/proc/${child}/stat`, 'utf8')).split(' ')[21]!;
  expect(isGone({ ...us, pid: Number(child), began })).toBe(true);
  parent.kill();
  await once(parent, 'exit');
});

test('of one in another place nothing is known', () => {
  expect(isGone({ ...us, place: 'elsewhere', began: '1' })).toBe(false);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

test('of one in another place nothing is known', () => {
  expect(isGone({ ...us, place: 'elsewhere', began: '1' })).toBe(false);
});

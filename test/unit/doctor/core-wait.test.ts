import { coreWait_ns } from '../../../src/doctor/collect/core-wait';

test('how long a program waited for a core is what the kernel counts', () => {
  expect(coreWait_ns(1, '8159345 70663 42\n')).toBe(70_663);
  expect(coreWait_ns(process.pid)).toBeGreaterThan(0);
});

test('nothing is told of a program that is not there, or where nothing is counted', () => {
  expect(coreWait_ns(2 ** 22 + 1)).toBeUndefined();
  expect(coreWait_ns(1, '\n')).toBeUndefined();
});

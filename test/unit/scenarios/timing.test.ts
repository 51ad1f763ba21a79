import { timingOf } from '../../../lab/scenarios/timing';

const injections = [10, 10.05, 10.08, 12.5, 12.6];

test('detection is the time from the loss of the guard to the last copy before all is well again', () => {
  expect(timingOf(injections, { lost: 10.04, restored: 12 }).detect_ms).toBe(40);
  expect(timingOf(injections, { lost: 10.04, restored: undefined }).detect_ms).toBe(2_560);
});

test('detection is at once when nothing was sent any more', () => {
  expect(timingOf(injections, { lost: 11, restored: 12 }).detect_ms).toBe(0);
  expect(timingOf([], { lost: 11, restored: 12 }).detect_ms).toBe(0);
});

test('resumption is the time from the end of the disturbance to the next copy', () => {
  expect(timingOf(injections, { lost: 10.04, restored: 12 }).resume_ms).toBe(500);
  expect(timingOf(injections, { lost: undefined, restored: 13 }).resume_ms).toBeUndefined();
});

test('what did not happen has no time', () => {
  expect(timingOf(injections, { lost: undefined, restored: undefined })).toEqual({
    detect_ms: undefined,
    resume_ms: undefined,
  });
});

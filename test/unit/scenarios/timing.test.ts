import { timingOf } from '../../../lab/scenarios/judgement/timing';

const at = (time: number) => ({ begun: time, done: time });
const injections = [10, 10.05, 10.08, 12.5, 12.6];

test('detection is the time from the loss of the guard to the last copy before all is well again', () => {
  expect(timingOf(injections, { lost: at(10.04), restored: at(12) }).detect_ms).toBe(40);
  expect(timingOf(injections, { lost: at(10.04), restored: undefined }).detect_ms).toBe(2_560);
});

test('detection is at once when nothing was sent any more', () => {
  expect(timingOf(injections, { lost: at(11), restored: at(12) }).detect_ms).toBe(0);
  expect(timingOf([], { lost: at(11), restored: at(12) }).detect_ms).toBe(0);
});

test('resumption is the time from the end of the disturbance to the next copy', () => {
  expect(timingOf(injections, { lost: at(10.04), restored: at(12) }).resume_ms).toBe(500);
  expect(timingOf(injections, { lost: undefined, restored: at(13) }).resume_ms).toBeUndefined();
});

test('what did not happen has no time', () => {
  expect(timingOf(injections, { lost: undefined, restored: undefined })).toEqual({
    detect_ms: undefined,
    resume_ms: undefined,
  });
});

test('what takes a while has happened when it is done: only then is a copy late, or the guard back', () => {
  const lost = { begun: 10, done: 10.06 };
  const restored = { begun: 12, done: 12.55 };
  expect(timingOf(injections, { lost, restored })).toEqual({ detect_ms: 20, resume_ms: 0 });
  expect(timingOf(injections, { lost, restored: { begun: 12.51, done: 12.55 } })).toEqual({
    detect_ms: 2_440,
    resume_ms: 50,
  });
});

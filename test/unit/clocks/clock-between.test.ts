import assert from 'node:assert';
import { clockBetween, throughout, type Passage } from '../../../lab/clocks/clock-between';
import { randomFrom } from '../../../lab/load/requests/random';

const EPOCH_S = 1_700_000_000;

/** What passes between `a` and `b`, whose clock is ahead by so much; each way as long as chance has it. */
function world(seed: number, ahead_s: number, count = 12): Passage[] {
  const random = randomFrom(seed, 1);
  // One direction may be slower than the other by far: that is what bounds have to hold against.
  const slowness_s = { a: random.fraction() / 50, b: random.fraction() / 500 };
  return Array.from({ length: 2 * count }, (_, index): Passage => {
    const from = index % 2 === 0 ? 'a' : 'b';
    const left_s = EPOCH_S + index / 100;
    const came_s = left_s + 2e-5 + random.fraction() * slowness_s[from];
    const [own_s, other_s] = from === 'a' ? [0, ahead_s] : [ahead_s, 0];
    return { from, to: from === 'a' ? 'b' : 'a', left: left_s + own_s, came: came_s + other_s };
  });
}

test('a clock that is ahead, or behind, by anything is so within the error that is told', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const ahead_ms = (randomFrom(seed, 2).fraction() - 0.5) * 10 ** (seed % 7);
    const { ahead_ms: told_ms, error_ms } = clockBetween(world(seed, ahead_ms / 1000), 'a', 'b')!;
    assert.ok(Math.abs(told_ms - ahead_ms) <= error_ms + 1e-3, `seed ${seed}`);
    assert.ok(error_ms < 15, `seed ${seed}: ${error_ms} ms`);
  }
});

test('the same passages by an unshifted clock would tell another difference', () => {
  const [shifted, same] = [2.5, 0].map((ahead_s) => clockBetween(world(7, ahead_s), 'a', 'b')!);
  expect(shifted!.ahead_ms - same!.ahead_ms).toBeCloseTo(2500, 2);
  expect(shifted!.error_ms).toBeCloseTo(same!.error_ms, 2);
});

test('seen from the other machine it is the same, the other way', () => {
  const passages = world(3, 0.25);
  const [there, back] = [clockBetween(passages, 'a', 'b')!, clockBetween(passages, 'b', 'a')!];
  expect(there.ahead_ms).toBeCloseTo(-back.ahead_ms, 6);
  expect(there.error_ms).toBeCloseTo(back.error_ms, 6);
});

test('one direction alone bounds nothing, and third machines do not count', () => {
  const passages = world(3, 0.25);
  expect(
    clockBetween(
      passages.filter(({ from }) => from === 'a'),
      'a',
      'b',
    ),
  ).toBeUndefined();
  expect(clockBetween(passages, 'a', 'c')).toBeUndefined();
});

test('the quickest of many tells more than one of them', () => {
  const [few, many] = [1, 50].map((count) => clockBetween(world(11, 0, count), 'a', 'b')!.error_ms);
  expect(many).toBeLessThan(few!);
});

test('a clock that was set meanwhile is not known better than by how much', () => {
  const steps = [...world(5, 0), ...world(6, 3)];
  const { ahead_ms, error_ms } = clockBetween(steps, 'a', 'b')!;
  for (const real_ms of [0, 3000]) expect(Math.abs(real_ms - ahead_ms)).toBeLessThanOrEqual(error_ms + 1);
});

test('what holds throughout has all readings within it', () => {
  expect(throughout([])).toBeUndefined();
  const readings = [
    { ahead_ms: 1, error_ms: 0.5 },
    { ahead_ms: 3, error_ms: 0.25 },
  ];
  expect(throughout(readings)).toEqual({ ahead_ms: 1.875, error_ms: 1.375 });
});

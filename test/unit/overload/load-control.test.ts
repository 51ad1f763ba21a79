import { mean, run, turnsOf } from './modelled-queue';

/** Numbers from 0 to 1 by a seed (Mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the control of load', () => {
  test('leaves nothing out of what the queue can take up', () => {
    const burst = run({
      offered: (at_s) => (at_s > 1 && at_s < 1.5 ? 80_000 : 20_000),
      speed: () => 40_000,
      seconds: 5,
    });
    expect(Math.min(...burst.room)).toBe(100);
    const stopped = run({
      offered: () => 20_000,
      speed: (at_s) => (at_s > 1 && at_s < 2 ? 0 : 40_000),
      seconds: 5,
    });
    expect(Math.min(...stopped.room)).toBe(100);
  });

  test.each([
    [80_000, 40_000],
    [60_000, 40_000],
    [45_000, 40_000],
    [120_000, 20_000],
  ])('copies as much of %i packets a second as it can when it can read %i', (offered, speed) => {
    const { lost, room, fill } = run({ offered: () => offered, speed: () => speed, seconds: 60 });
    expect(lost).toBe(0);
    const settled = room.slice(200);
    const best = (100 * speed) / offered;
    expect(Math.abs(mean(settled) - best)).toBeLessThan(0.05 * best + 1);
    expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(20);
    expect(turnsOf(settled)).toBeLessThan(20);
    expect(mean(fill.slice(200))).toBeLessThan(0.2);
  });

  test('loses nothing where the queue is small', () => {
    expect(run({ offered: () => 80_000, speed: () => 40_000, seconds: 20, queue: 2000 }).lost).toBe(0);
  });

  test('is what keeps the queue from overflowing', () => {
    const never = { room: 100, attend: () => 100 };
    const machine = { offered: () => 80_000, speed: () => 40_000, seconds: 20 };
    expect(run(machine, never).lost).toBeGreaterThan(100_000);
  });

  test('copies everything again a few seconds after there is room', () => {
    const { lost, room } = run({
      offered: (at_s) => (at_s < 10 ? 80_000 : 20_000),
      speed: () => 40_000,
      seconds: 20,
    });
    expect(lost).toBe(0);
    expect(room[95]).toBeLessThan(70);
    expect(room.slice(160)).toEqual(room.slice(160).map(() => 100));
  });

  test('goes on as before when it was stopped for too long', () => {
    const { lost, room } = run({
      offered: () => 35_000,
      speed: (at_s) => (at_s > 2 && at_s < 5 ? 0 : 40_000),
      seconds: 15,
    });
    expect(lost).toBe(0);
    expect(room.slice(100)).toEqual(room.slice(100).map(() => 100));
  });

  test('loses nothing in fifty machines whose loads and speeds change all the time', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const next = random(seed);
      const changing = (least: number, most: number): ((at_s: number) => number) => {
        const levels = Array.from({ length: 40 }, () => least + next() * (most - least));
        const every_s = 0.2 + next() * 3;
        return (at_s) => levels[Math.floor(at_s / every_s) % levels.length]!;
      };
      const offered = changing(5000, 100_000);
      const speed = changing(15_000, 60_000);
      const { lost } = run({ offered, speed, seconds: 20, queue: next() < 0.2 ? 5000 : 256_000 });
      expect([seed, lost]).toEqual([seed, 0]);
    }
  });
});

import { ratioOf, type Pair, type Ratio } from '../../../../bench/figures/ratio';
import { inTurn } from '../../../../bench/stage/turns';
import { randomFrom, type Random } from '../../../../lab/load/requests/random';

/** About normal, with mean 0 and deviation 1: a sum of twelve that are spread evenly. */
const normal = (random: Random): number =>
  Array.from({ length: 12 }, () => random.fraction()).reduce((sum, part) => sum + part, -6);

interface Machine {
  readonly seed: number;
  readonly pairs?: number;
  /** What one of the two really takes over the other. */
  readonly planted: number;
  /** Deviation of what a measurement tells, as a share. */
  readonly noise?: number;
  /** By how much the machine gets slower in the course of all measurements, as a share. */
  readonly drift?: number;
  readonly order?: typeof inTurn;
}

/** As a machine would tell it whose pace changes. */
function measured({ seed, pairs = 20, planted, noise = 0.02, drift = 0, order = inTurn }: Machine): Ratio {
  const random = randomFrom(seed);
  let taken = 0;
  const measure = (cost: number): number => {
    const pace = 1 + (drift * (taken += 1)) / (2 * pairs);
    return cost * pace * (1 + noise * normal(random));
  };
  return ratioOf(
    Array.from({ length: pairs }, (_, round): Pair => {
      const costs = new Map<string, number>();
      for (const one of order(['ours', 'before'], round))
        costs.set(one, measure(one === 'ours' ? 50 * planted : 50));
      return [costs.get('ours')!, costs.get('before')!];
    }),
  );
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const shareOf = (holds: (seed: number) => boolean): number => seeds.filter(holds).length / seeds.length;

describe('a ratio of pairs', () => {
  test('is their geometric mean, with the interval that Student’s t gives it', () => {
    // Logarithms 0, ln 2 and ln 4: mean ln 2, deviation ln 2, and t is 4.303 with two degrees of freedom.
    const { ratio, low, high, pairs } = ratioOf([
      [3, 3],
      [2, 1],
      [8, 2],
    ]);
    const half = (4.303 * Math.LN2) / Math.sqrt(3);
    expect([ratio, pairs]).toEqual([expect.closeTo(2, 10), 3]);
    expect(Math.log(high / 2)).toBeCloseTo(half, 10);
    expect(Math.log(2 / low)).toBeCloseTo(half, 10);
  });

  test('is the other way round when the two are exchanged', () => {
    const { ratio, low, high } = measured({ seed: 1, planted: 1.2 });
    const other = measured({ seed: 1, planted: 1.2 });
    expect([ratio, low, high]).toEqual([other.ratio, other.low, other.high]);
    const exchanged = ratioOf([
      [2, 3],
      [3, 5],
    ]);
    const straight = ratioOf([
      [3, 2],
      [5, 3],
    ]);
    expect(exchanged.high).toBeCloseTo(1 / straight.low, 10);
  });

  test('is unknown without pairs, and has no interval with a single one', () => {
    expect(ratioOf([])).toEqual({ ratio: NaN, low: NaN, high: NaN, pairs: 0 });
    expect(ratioOf([[3, 2]])).toEqual({ ratio: expect.closeTo(1.5, 10), low: NaN, high: NaN, pairs: 1 });
  });

  test('lies in its interval 19 times out of 20', () => {
    const share = shareOf((seed) => {
      const { low, high } = measured({ seed, planted: 1.05 });
      return low <= 1.05 && 1.05 <= high;
    });
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  });
});

describe('twenty pairs', () => {
  test('find out who takes 5 % more', () => {
    expect(shareOf((seed) => measured({ seed, planted: 1.05 }).high > 1.03)).toBe(1);
    expect(shareOf((seed) => measured({ seed, planted: 1.05 }).low > 1)).toBeGreaterThan(0.95);
  });

  test('tell of equal ones that neither takes 3 % more', () => {
    expect(shareOf((seed) => measured({ seed, planted: 1 }).high <= 1.03)).toBeGreaterThan(0.9);
  });

  test('are too few where the machine is too noisy, and more of them help', () => {
    const noisy = { planted: 1, noise: 0.1 };
    expect(shareOf((seed) => measured({ ...noisy, seed }).high <= 1.03)).toBeLessThan(0.3);
    expect(shareOf((seed) => measured({ ...noisy, seed, pairs: 400 }).high <= 1.03)).toBeGreaterThan(0.9);
  });

  test('do not take a machine that gets slower for a difference, since the two take turns there and back', () => {
    const slower = { planted: 1, noise: 0.001, drift: 1 };
    const there = <T>(all: readonly T[]): T[] => [...all];
    expect(measured({ ...slower, seed: 1 }).ratio).toBeCloseTo(1, 2);
    expect(measured({ ...slower, seed: 1, order: there }).ratio).toBeLessThan(0.985);
  });
});

test('turns go there and back', () => {
  const all = ['a', 'b', 'c'];
  expect([0, 1, 2].map((round) => inTurn(all, round).join(''))).toEqual(['abc', 'cba', 'abc']);
  expect(all).toEqual(['a', 'b', 'c']);
});

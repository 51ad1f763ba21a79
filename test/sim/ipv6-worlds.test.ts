/** The same worlds over IPv6: nothing that is promised depends on the family. */
import type * as Play from './world/play';

/** Beside those that `worlds` plays over IPv4. */
const SEEDS = 400;

let play: typeof Play.play;
beforeAll(async () => {
  process.env['SIM_FAMILY'] = '6';
  ({ play } = await import('./world/play'));
});
afterAll(() => delete process.env['SIM_FAMILY']);

test(`${SEEDS} worlds hold over IPv6`, () => {
  const failures = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations } = play(seed);
    if (violations.length > 0) failures.push({ seed, violations });
  }
  expect(failures).toEqual([]);
});

test('a world over IPv6 is over IPv6', async () => {
  const { TEST } = await import('./world/addresses');
  const { formatAddress } = await import('../../src/wire/address/address');
  expect(formatAddress(TEST)).toBe('2001:2:0:10::30');
});

import { BUCKETS, bucketOf } from '../../../../src/wire/tables/bucket';

const CLIENT = 0xc6120a0a;

/** How many of the ports that a client takes one after the other are in the buckets below `percentage`. */
function shareOf(ports: readonly number[], percentage: number): number {
  const chosen = ports.filter((port) => bucketOf(CLIENT, port) < percentage);
  return (100 * chosen.length) / ports.length;
}

describe('the buckets of connections', () => {
  test.each([1, 2, 16, 28, 100, 256])('are spread evenly over the ports of one address, %i apart', (step) => {
    for (const count of [100, 1000, 10_000]) {
      const ports = Array.from({ length: count }, (_, index) => 32_768 + ((index * step) % 28_232));
      for (const percentage of [1, 5, 20, 50, 99])
        expect(Math.abs(shareOf(ports, percentage) - percentage)).toBeLessThanOrEqual(count < 1000 ? 4 : 1);
    }
  });

  test('are spread evenly over neighbouring addresses that use the same port', () => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let host = 0; host < 65_536; host += 1) counts[bucketOf(0x0a000000 + host, 40_000)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(555);
    expect(Math.max(...counts)).toBeLessThan(755);
  });

  test('are others for another address', () => {
    const ports = Array.from({ length: 1000 }, (_, index) => 32_768 + index);
    const same = ports.filter((port) => bucketOf(CLIENT, port) === bucketOf(CLIENT + 1, port));
    expect(same.length).toBeLessThan(50);
  });
});

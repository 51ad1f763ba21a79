/** Which worker has which connections, and how evenly. */
import assert from 'node:assert/strict';
import { parseAddress } from '../../../../src/wire/address/address';
import { bucketOf } from '../../../../src/wire/tables/bucket';
import { isOfShare, workerOf } from '../../../../src/wire/tables/share';

const ADDRESSES = ['198.18.10.10', '10.0.0.1', '203.0.113.77', '2001:2::10'].map((text) =>
  parseAddress(text)!,
);
const COUNTS = [2, 3, 4, 8];

/** How many of these ports each worker has. */
function sizes(address: number, ports: readonly number[], count: number): number[] {
  const shares = Array.from({ length: count }, () => 0);
  for (const port of ports) shares[workerOf(address, port, count)]! += 1;
  return shares;
}

const portsFrom = (first: number, count: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index * step);

describe('connections are shared out', () => {
  test('to one worker each', () => {
    for (const address of ADDRESSES)
      for (const port of portsFrom(1, 1000, 61)) {
        const owners = [0, 1, 2].filter((index) => isOfShare({ index, count: 3 }, address, port));
        assert.deepEqual(owners, [workerOf(address, port, 3)]);
      }
  });

  test.each([1, 2])('evenly among workers, be they few, and their ports %i apart', (step) => {
    for (const address of ADDRESSES)
      for (const count of COUNTS)
        for (const connections of [12 * count, 1000]) {
          const shares = sizes(address, portsFrom(32_768, connections, step), count);
          const even = connections / count;
          for (const share of shares)
            assert.ok(Math.abs(share - even) <= Math.max(3, even / 20), `${shares}`);
        }
  });

  test('evenly also of those that -r chooses', () => {
    for (const address of ADDRESSES) {
      const chosen = portsFrom(32_768, 10_000, 1).filter((port) => bucketOf(address, port) < 20);
      for (const share of sizes(address, chosen, 2))
        assert.ok(Math.abs(share - chosen.length / 2) < chosen.length / 20);
    }
  });
});

import { pathLimit_bytes } from '../../../src/tcpcopy/copying/path-limit';
import { parseAddress } from '../../../src/wire/address/address';

const [TEST4, TEST6, OWN4, OWN6, OTHER6] = [
  '198.18.10.30',
  '2001:2::30',
  '198.18.10.20',
  '2001:2::20',
  '2001:2::77',
].map((text) => parseAddress(text)!) as [number, number, number, number, number];
const ports = { first: 61_000, last: 65_535 };

const limit = (
  testAddress: number,
  way: { isRouted: boolean; mtu_bytes?: number },
  from: readonly number[] = [],
  mtuIsGiven = false,
) => {
  const own = from.filter((address) => address === OWN4 || address === OWN6);
  const engine = {
    transfers: [],
    sourceAddresses: from,
    ...(own.length > 0 ? { own: { addresses: own, ports } } : {}),
  };
  return pathLimit_bytes(testAddress, { mtu_bytes: undefined, ...way }, { mtuIsGiven, engine });
};

test('what a route says is what it takes', () => {
  expect(limit(TEST4, { isRouted: true, mtu_bytes: 1400 })).toBe(1400);
  expect(limit(TEST6, { isRouted: false, mtu_bytes: 1400 })).toBe(1400);
  expect(limit(TEST4, { isRouted: true })).toBeUndefined();
  expect(limit(TEST6, { isRouted: false })).toBeUndefined();
});

test('over IPv6, behind a router that would tell others, it is what every path takes', () => {
  expect(limit(TEST6, { isRouted: true })).toBe(1280);
  expect(limit(TEST6, { isRouted: true, mtu_bytes: 1400 })).toBe(1280);
  expect(limit(TEST6, { isRouted: true }, [OTHER6])).toBe(1280);
  expect(limit(TEST6, { isRouted: true }, [OWN4, OTHER6])).toBe(1280);
  expect(limit(TEST6, { isRouted: true }, [OWN4, OWN6])).toBeUndefined();
});

test('with -M it is what that says', () => {
  expect(limit(TEST6, { isRouted: true, mtu_bytes: 1400 }, [], true)).toBeUndefined();
});

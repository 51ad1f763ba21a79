import { anyOf, formatOwnCopies, parseOwnCopies, Passlist } from '../../../src/passlist/passlist';
import { formatRange, hasPort, overlapOf, parseRange, portsIn } from '../../../src/passlist/port-range';

const ONLINE = 0xc612_0a14;
const OTHER = 0xc612_0a15;
const RANGE = { first: 61_000, last: 65_535 };

describe('a range of ports', () => {
  test('is read and written as first-last, and knows what is in it', () => {
    expect(parseRange('61000-65535')).toEqual(RANGE);
    expect(formatRange(RANGE)).toBe('61000-65535');
    expect(portsIn(RANGE)).toBe(4536);
    expect([60_999, 61_000, 65_535].map((port) => hasPort(RANGE, port))).toEqual([false, true, true]);
    expect(portsIn(overlapOf(RANGE, { first: 32_768, last: 60_999 }))).toBe(0);
    expect(overlapOf(RANGE, { first: 1024, last: 62_000 })).toEqual({ first: 61_000, last: 62_000 });
  });

  test.each(['61000', '61000-', '65535-61000', '61000-65536', '0-5', 'a-b', '1-2-3', '61000 - 65535'])(
    'is not %s',
    (text) => expect(parseRange(text)).toBeUndefined(),
  );
});

describe('a passlist', () => {
  const passlist = new Passlist([ONLINE, OTHER], [{ address: ONLINE, ports: RANGE }]);

  test('lets through what is for an address on it, but for the ports of own copies', () => {
    expect([60_999, 61_000, 65_535].map((port) => passlist.passes(ONLINE, port))).toEqual([
      true,
      false,
      false,
    ]);
    expect(passlist.passes(OTHER, 61_000)).toBe(true);
    expect(passlist.passes(1, 80)).toBe(false);
    expect([ONLINE, OTHER, 1].map((address) => passlist.has(address))).toEqual([true, true, false]);
  });

  test('takes several ranges of one address', () => {
    const [first, second] = [
      { first: 1, last: 2 },
      { first: 5, last: 6 },
    ];
    const two = new Passlist(
      [ONLINE],
      [first, second].map((ports) => ({ address: ONLINE, ports })),
    );
    expect([1, 3, 5, 7].map((port) => two.passes(ONLINE, port))).toEqual([false, true, false, true]);
  });

  test('of several intercepts lets through what any of them does', () => {
    const both = anyOf([passlist, new Passlist([ONLINE])]);
    expect(both.passes(ONLINE, 61_000)).toBe(true);
    expect(anyOf([]).has(ONLINE)).toBe(false);
  });

  test('has its own copies as they are typed', () => {
    const own = { address: ONLINE, ports: RANGE };
    expect(formatOwnCopies(own)).toBe('198.18.10.20:61000-65535');
    expect(parseOwnCopies('198.18.10.20:61000-65535')).toEqual(own);
    for (const text of ['198.18.10.20', '198.18.10.20:61000', 'online:1-2', '198.18.10.20:1-2:3'])
      expect(parseOwnCopies(text)).toBeUndefined();
  });
});

import { AddressBook } from '../../../../src/wire/address/address-book';
import {
  familyOf,
  formatAddress,
  isIpv6,
  isLinkLocal,
  isLoopback,
  parseAddress,
  readAnyAddress,
  sumOf,
  wordOf,
  writeAnyAddress,
} from '../../../../src/wire/address/address';
import {
  ENDPOINT_KEYS,
  endpointAddress,
  endpointKey,
  endpointPort,
  formatEndpoint,
} from '../../../../src/wire/flow';

/** `2001:2::` and a number. */
function addressBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, 0x20010002);
  new DataView(bytes.buffer).setUint32(12, number);
  return bytes;
}

describe('text', () => {
  test.each([
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:2:0:10::30', '2001:2:0:10::30'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['64:ff9b::198.18.0.1', '64:ff9b::c612:1'],
    ['::ffff:198.18.0.1', '198.18.0.1'],
    ['198.18.0.1', '198.18.0.1'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is written %s', (text, written) => {
    expect(formatAddress(parseAddress(text)!)).toBe(written);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.04',
    '1.2.3.256',
    ':::',
    '1::2::3',
    'fe80::1%eth0',
    '12345::',
    '[::1]',
    '1:2:3:4:5:6:7',
  ])('%j is no address', (text) => expect(parseAddress(text)).toBeUndefined());

  test('an endpoint is written so that it can be told where its port begins', () => {
    expect(formatEndpoint(parseAddress('2001:2::1')!, 80)).toBe('[2001:2::1]:80');
    expect(formatEndpoint(parseAddress('198.18.0.1')!, 80)).toBe('198.18.0.1:80');
  });
});

test('the same address is the same number, and a number tells its family', () => {
  const [one, same, other] = ['2001:2::1', '2001:2:0::1', '2001:2::2'].map((text) => parseAddress(text)!);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
  expect([one!, 0xffff_ffff].map(isIpv6)).toEqual([true, false]);
  expect([one!, 0].map(familyOf)).toEqual([6, 4]);
});

test('an endpoint’s key has both of its parts, whatever the family', () => {
  const address = parseAddress('2001:2::1')!;
  const key = endpointKey(address, 65_535);
  expect([endpointAddress(key), endpointPort(key)]).toEqual([address, 65_535]);
  expect(endpointKey(2 ** 33 - 1, 65_535)).toBeLessThan(ENDPOINT_KEYS);
});

test.each(['198.18.0.1', '0.0.0.0', '2001:2:0:10::30', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])(
  '%s comes back from the sixteen bytes that stand for either family',
  (text) => {
    const bytes = new Uint8Array(20).fill(0xaa);
    writeAnyAddress(bytes, 2, parseAddress(text)!);
    expect(readAnyAddress(bytes, 2)).toBe(parseAddress(text));
    expect([bytes[1], bytes[18]]).toEqual([0xaa, 0xaa]);
  },
);

test('what an address means is known of both families', () => {
  const are = (what: (address: number) => boolean, ...texts: string[]): boolean[] =>
    texts.map((text) => what(parseAddress(text)!));
  expect(are(isLoopback, '127.9.9.9', '::1', '::2', '1::1', '198.18.0.1')).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(are(isLinkLocal, 'fe80::1', 'febf::1', 'fec0::1', '169.254.0.1')).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('its sum and its word are those of its bytes', () => {
  const address = parseAddress('1:2:3:4:5:6:7:8')!;
  expect(sumOf(address)).toBe(36);
  expect(wordOf(address)).toBe((0x10002 ^ 0x30004 ^ 0x50006 ^ 0x70008) >>> 0);
  expect([sumOf(0x0001_0002), wordOf(0xc612_0001)]).toEqual([3, 0xc612_0001]);
});

describe('a book', () => {
  test('grows by nothing where nobody holds what comes', () => {
    const book = new AddressBook(100);
    const held = book.handleOf(addressBytes(0), 0)!;
    book.hold(held);
    for (let number = 0; number < 10_000; number += 1) book.handleOf(addressBytes(number), 0);
    expect(book.size).toBe(101);
    expect(book.handleOf(addressBytes(0), 0)).toBe(held);
    book.letGo(held);
    expect(book.size).toBe(100);
  });

  test('never gives a number that somebody may still have to another address', () => {
    const book = new AddressBook(4);
    const numbers = new Set<number>();
    for (let number = 0; number < 1000; number += 1) numbers.add(book.handleOf(addressBytes(number), 0)!);
    expect(numbers.size).toBe(1000);
  });

  test('answers a number that nobody knows any more with zeros, and takes no holder for it', () => {
    const book = new AddressBook(1);
    const handle = book.handleOf(addressBytes(1), 0)!;
    book.handleOf(addressBytes(2), 0);
    const bytes = new Uint8Array(16).fill(1);
    book.write(handle, bytes, 0);
    expect(bytes).toEqual(new Uint8Array(16));
    book.hold(handle);
    book.letGo(handle);
    expect(book.size).toBe(1);
  });

  test('keeps an address as long as one of its holders does, by seed', () => {
    const book = new AddressBook(8);
    const held = new Map<number, { handle: number; holders: number }>();
    let state = 4711;
    const drawn = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let step = 0; step < 5000; step += 1) {
      const number = drawn(200);
      const handle = book.handleOf(addressBytes(number), 0)!;
      const known = held.get(number);
      if (known) expect(handle).toBe(known.handle);
      if (drawn(2) === 0) {
        book.hold(handle);
        held.set(number, { handle, holders: (known?.holders ?? 0) + 1 });
      } else if (known) {
        book.letGo(handle);
        if (known.holders === 1) held.delete(number);
        else held.set(number, { handle, holders: known.holders - 1 });
      }
    }
    for (const [number, { handle }] of held) {
      const bytes = new Uint8Array(16);
      book.write(handle, bytes, 0);
      expect(bytes).toEqual(addressBytes(number));
    }
    expect(book.size).toBeLessThanOrEqual(held.size + 8);
  });
});

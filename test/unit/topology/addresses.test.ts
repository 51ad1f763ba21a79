import {
  addressAt,
  contains,
  formatSubnet,
  gatewayOf,
  highestIn,
  overlap,
  parseSubnet,
  placeOf,
  sizeOf,
  subnetAround,
  subnetOfOne,
} from '../../../lab/topology/addresses';

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 0xffff_0000_0000n],
    ['198.18.10.1', 0xffff_c612_0a01n],
    ['255.255.255.255', 0xffff_ffff_ffffn],
    ['::', 0n],
    ['2001:2:0:10::30', (0x2001_0002_0000_0010n << 64n) + 0x30n],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 2n ** 128n - 1n],
  ])('%s is a place and back', (text, place) => {
    expect(placeOf(text)).toBe(place);
    expect(addressAt(place)).toBe(text);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.x',
    ' 1.2.3.4',
    '1.2.3.4/24',
    ':1',
    'fe80::1%eth0',
  ])('%p is none', (text) => {
    expect(placeOf(text)).toBeUndefined();
  });

  test('every address survives the way there and back', () => {
    for (let place = 7n; place < 2n ** 128n; place = place * 3n + 15_485_863n) {
      expect(placeOf(addressAt(place))).toBe(place);
    }
  });
});

describe('subnets', () => {
  test('have a gateway, a broadcast address and contents', () => {
    const subnet = parseSubnet('198.18.10.0/24')!;
    expect(formatSubnet(subnet)).toBe('198.18.10.0/24');
    expect(addressAt(gatewayOf(subnet))).toBe('198.18.10.1');
    expect(addressAt(highestIn(subnet))).toBe('198.18.10.255');
    expect(sizeOf(subnet)).toBe(256n);
    expect(contains(subnet, placeOf('198.18.10.77'))).toBe(true);
    expect(contains(subnet, placeOf('198.18.11.0'))).toBe(false);
  });

  test('of IPv6 are counted through as those of IPv4', () => {
    const subnet = parseSubnet('2001:2:0:10::/64')!;
    expect(formatSubnet(subnet)).toBe('2001:2:0:10::/64');
    expect(addressAt(gatewayOf(subnet))).toBe('2001:2:0:10::1');
    expect(addressAt(highestIn(subnet))).toBe('2001:2:0:10:ffff:ffff:ffff:ffff');
    expect(sizeOf(subnet)).toBe(2n ** 64n);
    expect(contains(subnet, placeOf('2001:2:0:10::77'))).toBe(true);
    expect(contains(subnet, placeOf('2001:2:0:11::'))).toBe(false);
    expect(contains(parseSubnet('::/0')!, undefined)).toBe(false);
  });

  test.each([
    ['198.18.10.77', 24, '198.18.10.0/24'],
    ['198.18.10.77', 0, '0.0.0.0/0'],
    ['2001:2:0:10::77', 64, '2001:2:0:10::/64'],
    ['2001:2:0:10::77', 128, '2001:2:0:10::77/128'],
  ])('around %s, %s bits wide, is %s', (address, prefix, subnet) => {
    expect(formatSubnet(subnetAround(placeOf(address)!, prefix))).toBe(subnet);
  });

  test('of one address there is one in each family', () => {
    expect(subnetOfOne('198.18.10.1')).toBe('198.18.10.1/32');
    expect(subnetOfOne('2001:2::1')).toBe('2001:2::1/128');
  });

  test.each([
    '198.18.10.0',
    '198.18.10.1/24',
    '198.18.10.0/33',
    '2001:2:0:10::1/64',
    '2001:2::/129',
    '2001:2::',
    '198.18.10.0/-1',
    '198.18.10.0/',
    '/24',
    'a/b/c',
  ])('%p is none', (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  test.each([
    ['198.18.0.0/24', '198.18.1.0/24', false],
    ['198.18.0.0/24', '198.18.0.128/25', true],
    ['198.18.0.0/15', '198.19.255.0/24', true],
    ['0.0.0.0/0', '198.18.0.0/15', true],
    ['2001:2::/48', '2001:2:0:10::/64', true],
    ['2001:2:0:10::/64', '2001:2:0:11::/64', false],
    ['0.0.0.0/0', '2001:2::/48', false],
  ])('%s and %s overlap: %p', (a, b, expected) => {
    expect(overlap(parseSubnet(a)!, parseSubnet(b)!)).toBe(expected);
    expect(overlap(parseSubnet(b)!, parseSubnet(a)!)).toBe(expected);
  });
});

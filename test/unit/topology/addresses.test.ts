import {
  broadcastOf,
  contains,
  formatAddress,
  formatSubnet,
  gatewayOf,
  overlap,
  parseAddress,
  parseSubnet,
} from '../../../lab/topology/addresses';

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 0],
    ['198.18.10.1', 0xc6120a01],
    ['255.255.255.255', 0xffffffff],
  ])('%s is a number and back', (text, address) => {
    expect(parseAddress(text)).toBe(address);
    expect(formatAddress(address)).toBe(text);
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.x', ' 1.2.3.4', '1.2.3.4/24', '::1'])(
    '%p is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('every address survives the way there and back', () => {
    for (let address = 7; address < 2 ** 32; address += 15_485_863) {
      expect(parseAddress(formatAddress(address))).toBe(address);
    }
  });
});

describe('subnets', () => {
  test('have a gateway, a broadcast address and contents', () => {
    const subnet = parseSubnet('198.18.10.0/24')!;
    expect(formatSubnet(subnet)).toBe('198.18.10.0/24');
    expect(formatAddress(gatewayOf(subnet))).toBe('198.18.10.1');
    expect(formatAddress(broadcastOf(subnet))).toBe('198.18.10.255');
    expect(contains(subnet, parseAddress('198.18.10.77')!)).toBe(true);
    expect(contains(subnet, parseAddress('198.18.11.0')!)).toBe(false);
  });

  test.each([
    '198.18.10.0',
    '198.18.10.1/24',
    '198.18.10.0/33',
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
  ])('%s and %s overlap: %p', (a, b, expected) => {
    expect(overlap(parseSubnet(a)!, parseSubnet(b)!)).toBe(expected);
    expect(overlap(parseSubnet(b)!, parseSubnet(a)!)).toBe(expected);
  });
});

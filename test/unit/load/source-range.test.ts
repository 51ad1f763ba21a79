import { sourceOf } from '../../../lab/load/source-range';
import { contains, parseSubnet, placeOf } from '../../../lab/topology/addresses';

test.each(['198.18.80.0/24', '2001:2:0:72::8000/120'])(
  'connections go through every address of %s before one comes again',
  (text) => {
    const range = parseSubnet(text)!;
    const first = Array.from({ length: 256 }, (_, connection) => sourceOf(range, connection));
    expect(first[0]).toBe(text.split('/')[0]);
    expect(new Set(first).size).toBe(256);
    expect(first.every((address) => contains(range, placeOf(address)))).toBe(true);
    expect(sourceOf(range, 256)).toBe(first[0]);
  },
);

test('of more addresses than there are numbers, each connection has one of its own', () => {
  const range = parseSubnet('2001:2:0:72::/64')!;
  expect([0, 1, 2].map((connection) => sourceOf(range, connection))).toEqual([
    '2001:2:0:72::',
    '2001:2:0:72::3e5',
    '2001:2:0:72::7ca',
  ]);
});

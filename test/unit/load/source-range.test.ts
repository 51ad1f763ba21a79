import { parseSourceRange, sourceOf } from '../../../lab/load/source-range';

test.each(['198.18.80.0/20', '0.0.0.0/0', '198.18.80.7/32'])('%s is a range', (text) => {
  const range = parseSourceRange(text)!;
  expect(sourceOf(range, 0)).toBe(text.split('/')[0]);
});

test.each(['198.18.80.1/20', '198.18.80.0', '198.18.80.0/33', '198.18.256.0/24', 'all'])(
  '%s is none',
  (text) => {
    expect(parseSourceRange(text)).toBeUndefined();
  },
);

test('connections go through every address before one comes again', () => {
  const range = parseSourceRange('198.18.80.0/24')!;
  const first = Array.from({ length: 256 }, (_, connection) => sourceOf(range, connection));
  expect(new Set(first).size).toBe(256);
  expect(first.every((address) => address.startsWith('198.18.80.'))).toBe(true);
  expect(sourceOf(range, 256)).toBe(first[0]);
});

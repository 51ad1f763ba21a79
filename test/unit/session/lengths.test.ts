import { Lengths } from '../../../src/session/exchange/lengths';

const ANSWERS = 256;

describe('the length of answers', () => {
  test('is as long as before at the longest, until one was longer', () => {
    const lengths = new Lengths();
    expect(lengths.longest_bytes(100)).toBe(100);
    lengths.add(40, 100);
    expect(lengths.longest_bytes(100)).toBe(100);
  });

  test('is longer by a part of it or by some bytes, whichever is less', () => {
    const lengths = new Lengths();
    lengths.add(150, 100);
    expect(lengths.longest_bytes(10)).toBe(15);
    expect(lengths.longest_bytes(1000)).toBe(1050);
  });

  test('is longer by so many bytes for each of several answers', () => {
    const lengths = new Lengths();
    lengths.add(300, 100, 4);
    expect(lengths.longest_bytes(1000, 2)).toBe(1100);
    expect(lengths.longest_bytes(1000)).toBe(1050);
  });

  test('is forgotten behind many that were not longer', () => {
    const lengths = new Lengths();
    lengths.add(150, 100);
    for (let answer = 1; answer < ANSWERS; answer++) lengths.add(100, 100);
    expect(lengths.longest_bytes(100)).toBe(150);
    for (let answer = 0; answer < ANSWERS; answer++) lengths.add(100, 100);
    expect(lengths.longest_bytes(100)).toBe(100);
  });
});

test('in how many writes answers come is known of the one that had most, and forgotten behind many', () => {
  const lengths = new Lengths();
  expect(lengths.writesMax).toBeUndefined();
  lengths.addWrites(3);
  lengths.addWrites(1);
  expect(lengths.writesMax).toBe(3);
  for (let answer = 0; answer < 2 * ANSWERS; answer++) {
    lengths.add(100, 100);
    lengths.addWrites(1);
  }
  expect(lengths.writesMax).toBe(1);
});

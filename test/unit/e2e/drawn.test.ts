import { draw } from '../../../e2e/stage/draw';

const all = 'abcdefghij'.split('');
const drawnWith = (seed: number): string => draw(all, 4, { seed: String(seed) }).join('');

test('as many as are asked for are drawn, in their order, and the same ones with the same seed', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    expect(drawnWith(seed)).toMatch(/^a?b?c?d?e?f?g?h?i?j?$/);
    expect(drawnWith(seed)).toHaveLength(4);
    expect(drawnWith(seed)).toBe(drawnWith(seed));
  }
});

test('each is drawn before long, and all where there are no more', () => {
  const seen = new Set(Array.from({ length: 50 }, (_, seed) => drawnWith(seed)).join(''));
  expect(seen.size).toBe(all.length);
  expect(draw(all, 20, { seed: '1' })).toEqual(all);
});

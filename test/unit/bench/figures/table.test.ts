import { expect, test } from '@jest/globals';
import { compareRates, medianOf } from '../../../../bench/figures/rates';
import { tableOf } from '../../../../bench/figures/table';

test('words stand to the left and numbers to the right', () => {
  const rows = [
    ['short', 10_000, 1.5, 'exact'],
    ['a longer one', 5, 12.25, ''],
  ];
  expect(tableOf(['load', 'at test', 's', ''], rows, { 2: 2 }).split('\n')).toEqual([
    'load          at test      s',
    'short          10,000   1.50  exact',
    'a longer one        5  12.25',
  ]);
});

test('one slow turn does not decide about a rate', () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 2, 3])).toBe(2.5);
  expect(compareRates([100, 95, 10], [100, 100, 100])).toEqual({
    share: 0.95,
    text: 'rate with the copy / without: 0.95 (100, 95, 10 / 100, 100, 100 a second)',
  });
});

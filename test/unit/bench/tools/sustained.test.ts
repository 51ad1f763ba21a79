import { placeIn } from '../../../../bench/tools/sustained';

test('a target of a run tells the place of its request', () => {
  expect(placeIn('/bench/saturation-kept/3/17/100')).toEqual({
    run: '/bench/saturation-kept/3/17',
    ordinal: 100,
  });
  expect(placeIn('/bench/x')).toBeUndefined();
});

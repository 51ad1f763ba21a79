import { isNewEnough, refuseUnfit } from '../../../../lab/engine/labs/fit';

const kind = (name: string, architecture = 'x86_64', apiVersion = '1.46') => ({
  name,
  architecture,
  apiVersion,
});

test('engines of the architecture that the image is built for fit', () => {
  expect(() => refuseUnfit([kind('a'), kind('b')], 'x86_64')).not.toThrow();
});

test.each([
  [
    'another architecture',
    kind('b', 'aarch64'),
    'Engine b is aarch64, and the image of the nodes is built for x86_64.',
  ],
  ['an old API', kind('b', 'x86_64', '1.40'), 'Engine b speaks API 1.40, and labs need 1.41.'],
])('an engine of %s is refused by its name', (_, odd, message) => {
  expect(() => refuseUnfit([kind('a'), odd], 'x86_64')).toThrow(message);
});

test.each([
  ['1.41', true],
  ['2.0', true],
  ['1.9', false],
  ['1.40', false],
])('API %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

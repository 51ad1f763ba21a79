import { interpolate } from '../../../lab/services/interpolate';
import { duration_ms, size_bytes, variablesIn, wordsIn } from '../../../lab/services/notations';

const variables = { NAME: 'shop', EMPTY: '', OTHER: 'b' };

test.each([
  ['$NAME-1', 'shop-1'],
  ['${NAME}s', 'shops'],
  ['$$NAME costs 3$$', '$NAME costs 3$'],
  ['${NONE:-a}${EMPTY:-b}${EMPTY-c}${NONE-d}', 'abd'],
  ['${NONE:-${OTHER}${NONE:-c}}', 'bc'],
  ['${NAME:+set}${EMPTY:+set}${EMPTY+set}${NONE+set}', 'setset'],
  ['${NAME:?must be}', 'shop'],
  ['${NONE:-}', ''],
])('%s becomes %s', (text, expected) => {
  expect(interpolate(text, variables)).toBe(expected);
});

test.each([
  ['$NONE', 'NONE is not set'],
  ['${EMPTY:?say it}', 'EMPTY is not set: say it'],
  ['${NAME', '${NAME is no variable'],
  ['${1}', '${1} is no variable'],
  ['a $ sign', 'a $ sign is no variable'],
])('%s is refused', (text, message) => {
  expect(() => interpolate(text, variables)).toThrow(message);
});

test('a file of variables has comments and quotes', () => {
  const text = `# none\nexport A=1\nB = "two # words" # here\nC='$A'\nD=x#y # z\nE=\nnot one`;
  expect(variablesIn(text)).toEqual({ A: '1', B: 'two # words', C: '$A', D: 'x#y', E: '' });
});

test('a command line is split as a shell splits it', () => {
  expect(wordsIn(`serve  --title "My \\"own\\" shop" 'a\\b' "" x\\ y`)).toEqual([
    'serve',
    '--title',
    'My "own" shop',
    'a\\b',
    '',
    'x y',
  ]);
  expect(wordsIn('say "no end')).toBeUndefined();
});

test('durations and sizes have units', () => {
  expect(['1m30s', '500ms', '1.5h', '30'].map(duration_ms)).toEqual([90_000, 500, 5_400_000, undefined]);
  expect(['512m', '1gb', '1.5K', '77', 'many'].map(size_bytes)).toEqual([
    2 ** 29,
    2 ** 30,
    1536,
    77,
    undefined,
  ]);
});

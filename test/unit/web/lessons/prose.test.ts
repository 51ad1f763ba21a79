import { lessons } from '../../../../lab/lessons/course/all';
import { blocksOf } from '../../../../web/lessons/prose';

test('lines that are broken by hand become paragraphs, and indented ones commands', () => {
  const text = 'one\ntwo\n\nthree:\n  ss -tan\n  ss -s\nfour\n\n  later';
  expect(blocksOf(text)).toEqual([
    { kind: 'paragraph', text: 'one two' },
    { kind: 'paragraph', text: 'three:' },
    { kind: 'commands', text: 'ss -tan\nss -s' },
    { kind: 'paragraph', text: 'four' },
    { kind: 'commands', text: 'later' },
  ]);
});

test('Chinese lines are joined without a space, but for words of other scripts', () => {
  expect(blocksOf('一条\n连接')).toEqual([{ kind: 'paragraph', text: '一条连接' }]);
  expect(blocksOf('发 SYN\n（synchronise），\n说明')).toEqual([
    { kind: 'paragraph', text: '发 SYN （synchronise），说明' },
  ]);
});

test('nothing of a lesson is lost', () => {
  const letters = (text: string): string => text.replace(/\s/g, '');
  for (const { text } of lessons.flatMap(({ steps }) => steps))
    for (const said of [text.en, text.zh])
      expect(
        letters(
          blocksOf(said)
            .map((block) => block.text)
            .join(''),
        ),
      ).toBe(letters(said));
});

import { fieldsOf } from '../../../../lab/web/frames/fields';
import { fieldWords } from '../../../../web/words/fields';
import { formatNumber, languageFor, languages, type Language } from '../../../../web/words/language';
import { scenarioWords } from '../../../../web/words/scenarios';
import { scenarios } from '../../../../lab/scenarios/catalogue/all';
import { tcp } from '../../verify/world/frames';
import { kept } from '../world';

const both = Object.keys(languages) as Language[];

/** Names of all that is said, however deep. */
function namesIn(words: object, above = ''): string[] {
  return Object.entries(words).flatMap(([name, said]) =>
    typeof said === 'object' ? namesIn(said as object, `${above}${name}.`) : [`${above}${name}`],
  );
}

test('both languages say the same things', () => {
  expect(namesIn(languages.zh).toSorted()).toEqual(namesIn(languages.en).toSorted());
});

test('what is said in Chinese is Chinese', () => {
  const { languageName, title, ...rest } = languages.zh;
  expect([languageName, title]).toEqual(['中文', 'lab watch']);
  const spoken = Object.values(rest).filter((said): said is string => typeof said === 'string');
  expect(spoken.filter((said) => !/\p{Script=Han}/u.test(said))).toEqual([]);
});

describe.each(both)('in %s', (language) => {
  const ofIpv6 = { bytes: tcp('[2001:2::1]:4000', '[2001:2::2]:80').bytes.subarray(14), tcpOffset: 40 };
  const frames = [...kept(), ofIpv6];
  const names = new Set(
    frames.flatMap(({ bytes, tcpOffset }) => fieldsOf(bytes, tcpOffset).map(({ name }) => name)),
  );

  test.each([...names, 'tcp.option.2', 'tcp.option.3', 'tcp.option.4', 'tcp.option.5', 'tcp.option.8'])(
    'the field %s has a meaning, and says where it is written',
    (name) => {
      const { label, meaning, source } = fieldWords(name, language);
      expect([label, meaning, source].every((said) => said.length > 0)).toBe(true);
    },
  );

  test('an option that nobody has heard of has a name all the same', () => {
    expect(fieldWords('tcp.option.253', language).label).toContain('253');
  });
});

test.each(scenarios.map(({ name }) => name))('the scenario %s is told in Chinese as well', (name) => {
  const { title, teaches } = scenarioWords(name, 'zh')!;
  for (const said of [title, teaches]) expect(said).toMatch(/\p{Script=Han}/u);
  expect(scenarioWords(name, 'en')).toBeUndefined();
});

test('the first of the languages that the reader prefers is taken', () => {
  expect(languageFor(['fr-FR', 'zh-TW', 'en'])).toBe('zh');
  expect(languageFor(['fr'])).toBe('en');
  expect(formatNumber(1234.56, 'en', 1)).toBe('1,234.6');
});

import { RuleError, Rules } from '../../../../src/answers/compare/rules';
import { shownTarget } from '../../../../src/answers/compare/target';
import { compared, http, json, redis, rulesOf } from './answers';

describe('a rule', () => {
  test.each([
    ['status', 'status', true],
    ['header:ETag', 'header:etag', true],
    ['header:set-cookie', 'header:set-cookie:sid', true],
    ['header:x', 'header:x-other', false],
    ['json:$.id', 'json:$.id', true],
    ['json:$.id', 'json:$.id.inner', true],
    ['json:$.id', 'json:$.idea', false],
    ['json:$.items[*].id', 'json:$.items[*].id', true],
    ['json:$.items[3].id', 'json:$.items[*].id', true],
    ['json:$.*.id', 'json:$.any.id', true],
    ['json:$.*.id', 'json:$.any.deep.id', false],
    ['json:$..id', 'json:$.a[*].b.id', true],
    ['json:$..id', 'json:$.id', true],
    ['json:$..id', 'json:$.grid', false],
    ['json', 'json:$.a', true],
    ['value:$[*]', 'value:$[*]', true],
    ['text', 'text:<i token=', true],
    ['body', 'json:$.a', true],
    ['body', 'text', true],
    ['body', 'header:body', false],
    ['query:Code', 'query:code', true],
  ])('%s at %s: %p', (rule, place, holds) => {
    expect(new Rules([rule]).at(place) !== undefined).toBe(holds);
  });

  test.each(['', 'id', '$.id', 'json:id', 'header:', 'headers:date', 'json:'])(
    '%j is refused by name',
    (rule) => {
      expect(() => new Rules([rule])).toThrow(RuleError);
      expect(() => new Rules([rule])).toThrow(JSON.stringify(rule));
    },
  );

  test('may hold any characters, which mean nothing but themselves', () => {
    expect(new Rules(['header:x.y']).at('header:xzy')).toBeUndefined();
    expect(new Rules(['json:$."a(b"']).at('json:$."a(b"')).toBeDefined();
  });

  test('that ignores a place is counted there', () => {
    const { lines, ignored } = compared(
      json({ id: 1, list: [{ id: 2 }] }),
      json({ id: 3, list: [{ id: 4 }] }),
      {
        ignore: ['json:$..id'],
      },
    );
    expect(lines).toEqual([]);
    expect(ignored).toEqual({ 'json:$..id': 2 });
  });
});

describe('what is shown to nobody', () => {
  const SECRET = 'hunter2-secret';

  test.each([
    ['a JSON path', json({ a: { password: SECRET } }), json({ a: {} }), []],
    ['a JSON path, inside what is gone as a whole', json({ a: { password: SECRET } }), json({}), []],
    ['a JSON path, where the type is another', json({ a: [{ password: SECRET }] }), json({ a: 1 }), []],
    ['keys below it', json({ tokens: { [SECRET]: 1 } }), json({ tokens: {} }), ['json:$.tokens']],
    ['JSON that is cut off', json({ password: SECRET }), json(`{"password": "${SECRET}`), []],
    [
      'JSON without a type beside a text',
      http(200, {}, `{"password":"${SECRET}"}`),
      http(200, {}, 'oops'),
      [],
    ],
    ['JSON in a string', json({ kept: JSON.stringify({ password: SECRET }) }), json({ kept: '' }), []],
    ['a cookie', http(200, { 'set-cookie': `sid=${SECRET}` }), http(200), []],
    ['a header', http(200, { 'x-mine': SECRET }), http(200), ['header:X-Mine']],
    ['a query', http(302, { location: `/next?a=1&Token=${SECRET}` }), http(302, { location: '/' }), []],
    ['a line', http(200, {}, `pin: ${SECRET} 1\nb`), http(200, {}, `pin: ${SECRET} 2\nb`), ['text']],
    ['a body', http(200, {}, `\u0000${SECRET}`), http(200, {}, '\u0000'), ['body']],
    ['JSON in Redis', redis(`+${JSON.stringify({ user: 'a', password: SECRET })}\r\n`), redis('$-1\r\n'), []],
    ['a Redis value', redis(`$${SECRET.length}\r\n${SECRET}\r\n`), redis('$1\r\na\r\n'), ['value:$']],
  ] as const)('stays hidden: %s', (_, online, test, redact) => {
    const { lines } = compared(online, test, { redact });
    expect(lines).not.toEqual([]);
    expect(lines.join('\n')).not.toContain(SECRET);
    expect(compared(test, online, { redact }).lines.join('\n')).not.toContain(SECRET);
  });

  test('is found in addresses by the names of fields, however these are written', () => {
    const shown = (target: string) => shownTarget(target, rulesOf().redact);
    expect(shown('/a?x=1&token=abc&y')).toBe('/a?x=1&token=(redacted)&y');
    expect(shown('/a?TOKEN=abc#frag')).toBe('/a?TOKEN=(redacted)#frag');
    expect(shown('/a?%74oken=abc;password=b')).toBe('/a?%74oken=(redacted);password=(redacted)');
    expect(shown('https://me:secret@host/a')).toBe('https://host/a');
    expect(shown('/a?%zz=1')).toBe('/a?%zz=1');
  });
});

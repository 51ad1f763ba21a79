import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { compared, http, json } from './answers';

describe('two HTTP answers', () => {
  test('are the same where both say the same', () => {
    expect(compared(http(200, { a: '1' }, 'x'), http(200, { a: '1' }, 'x'))).toMatchObject({
      verdict: 'same',
      lines: [],
    });
  });

  test('differ by status, and by headers that are changed, missing or added', () => {
    const { lines, verdict } = compared(
      http(200, { etag: '"a"', server: 'one' }),
      http(500, { etag: '"b"', via: 'two' }),
    );
    expect(verdict).toBe('different');
    expect(lines).toEqual([
      'status changed: 200 | 500',
      'header:etag changed: "a" | "b"',
      'header:server missing: one | -',
      'header:via added: - | two',
    ]);
  });

  test('are not held to what each answer has anew, which is counted', () => {
    const { lines, ignored } = compared(
      http(200, { date: 'Mon', 'content-length': '1' }, 'x'),
      http(200, { date: 'Tue', 'transfer-encoding': 'chunked' }, 'x'),
    );
    expect(lines).toEqual([]);
    expect(ignored).toEqual({ 'header:date': 1, 'header:content-length': 1, 'header:transfer-encoding': 1 });
  });

  test('differ cookie by cookie, and nobody sees a value', () => {
    expect(
      compared(
        http(200, { 'set-cookie': 'sid=secret; Path=/' }),
        http(200, { 'set-cookie': 'sid=secret; Path=/; Secure' }),
      ).lines,
    ).toEqual(['header:set-cookie:sid:attributes changed: (redacted) | (redacted)']);
  });

  const text = 'one\ntwo\nthree\n'.repeat(50);
  const plain = http(200, {}, text);
  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text, { level: 1 })],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ])('are compared by what they meant: %s', (coding, body) => {
    const { lines, verdict } = compared(plain, http(200, { 'content-encoding': coding }, body));
    expect(lines).toEqual([`header:content-encoding added: - | ${coding}`]);
    expect(verdict).toBe('different');
    const changed = compared(
      http(200, { 'content-encoding': coding }, body),
      http(
        200,
        { 'content-encoding': coding },
        coding === 'identity' ? `${text}four` : gzipSync(`${text}four`),
      ),
      { ignore: ['header:content-encoding'] },
    );
    expect(changed.verdict).toBe('different');
  });

  test('have the codings of their transfer undone as well', () => {
    const coded = http(200, { 'transfer-encoding': 'gzip, chunked' }, gzipSync(text));
    expect(compared(plain, coded)).toMatchObject({ verdict: 'same', lines: [] });
  });

  test('are not judged where nothing can undo what the online server said', () => {
    const unknown = http(200, { 'content-encoding': 'secret' }, 'abc');
    expect(compared(unknown, http(200, { 'content-encoding': 'secret' }, 'abd')).verdict).toBe('unjudged');
    const broken = http(200, { 'content-encoding': 'gzip' }, 'no gzip');
    expect(compared(http(200, { 'content-encoding': 'gzip' }, gzipSync('a')), broken).lines).toEqual([
      'body unreadable: 1 bytes | no gzip, as its header says',
    ]);
  });

  test('that become too long, coded or not, are compared by their digests, or not judged', () => {
    const [long, other] = ['x'.repeat(2_000_000), `${'x'.repeat(1_999_999)}y`];
    expect(compared(http(200, {}, long), http(200, {}, long)).verdict).toBe('same');
    const { lines } = compared(http(200, {}, long), http(200, {}, other));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^body changed: 2000000 bytes, SHA-256 .*… \(longer than what is looked into\)/);
    const bomb = (content: string) => http(200, { 'content-encoding': 'gzip' }, gzipSync(content));
    expect(compared(bomb(long), bomb(other)).verdict).toBe('unjudged');
  });

  test('that are text differ by lines, known again by what they begin with', () => {
    const page = (id: string, title = 'Home') => http(200, {}, `<h1>${title}</h1>\n<i token=${id}>\nend\n`);
    expect(compared(page('a1'), page('b2')).lines).toEqual([
      'text:<i token= changed: <i token=a1> | <i token=b2>',
    ]);
    expect(compared(page('a'), http(200, {}, '<h1>Home</h1>\n')).lines).toEqual([
      'text shorter: line 2 of 4: <i token=a> | line 2 of 2: ',
    ]);
  });

  test('that are neither differ from a byte on, or in their length', () => {
    const of = (...last: number[]) => http(200, {}, Buffer.from([0, 1, 2, 3, ...last]));
    expect(compared(of(4), of(5)).lines).toEqual([
      'body changed: byte 4 of 5: 0001020304  ····· | byte 4 of 5: 0001020305  ·····',
    ]);
    expect(compared(of(4), of()).lines[0]).toMatch(/^body shorter: byte 4 of 5/);
    expect(compared(of(), of(4)).lines[0]).toMatch(/^body longer: byte 4 of 4/);
  });
});

describe('two answers of JSON', () => {
  test('differ by paths; the order of keys says nothing, that of items does', () => {
    const online = { id: 1, name: 'a', tags: ['x', 'y'], deep: { a: null } };
    expect(
      compared(json(online), json({ deep: { a: null }, tags: ['x', 'y'], name: 'a', id: 1 })).lines,
    ).toEqual([]);
    expect(
      compared(json(online), json({ id: '1', tags: ['y', 'x', 'z'], deep: {}, more: true })).lines,
    ).toEqual([
      'json:$.id type: 1 | "1"',
      'json:$.name missing: "a" | -',
      'json:$.tags[] longer: 2 items | 3 items',
      'json:$.tags[*] changed: "x" | "y"',
      'json:$.deep.a missing: null | -',
      'json:$.more added: - | true',
    ]);
  });

  test('have one place for all items of a list, so that none crowds out another', () => {
    const list = (start: number, total: number) => ({
      items: Array.from({ length: 500 }, (_, at) => ({ id: start + at })),
      total,
    });
    expect(compared(json(list(1, 7)), json(list(9000, 8))).lines).toEqual([
      'json:$.items[*].id changed: 1 | 9000',
      'json:$.total changed: 7 | 8',
    ]);
    const many = (value: number) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`key-of-${'abcdefghij'[at % 10]!}${at}`, value]),
      );
    const { lines } = compared(json(many(1)), json(many(2)));
    expect(lines).toHaveLength(65);
    expect(lines.at(-1)).toBe('other places changed: - | -');
  });

  test('fold keys that are ids', () => {
    const of = (key: string, value: number) => json({ [key]: { value } });
    const uuid = '9b2c4f4e-62a3-4c8e-b1b5-0d6f1a2b3c4d';
    expect(compared(of(uuid, 1), of(uuid, 2)).lines).toEqual(['json:$.{id}.value changed: 1 | 2']);
  });

  test('keep numbers that no double holds', () => {
    expect(compared(json('{"n": 9007199254740993}'), json('{"n": 9007199254740992}')).lines).toEqual([
      'json:$.n changed: 9007199254740993 | 9007199254740992',
    ]);
    expect(compared(json('{"s": "1234567890123456"}'), json('{"s":"1234567890123456"}')).lines).toEqual([]);
  });

  test('one of which is none any more are told so', () => {
    expect(compared(json({ a: 1 }), json('{"a": ')).lines).toEqual([
      'body unreadable: 7 bytes, JSON | 6 bytes, no JSON',
    ]);
  });

  test('may be nested as deep as they like', () => {
    const deep = (inner: string) => json(`${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`);
    expect(compared(deep('1'), deep('2')).lines).toEqual([
      expect.stringMatching(/^body changed: nested deeper than 200 levels/),
    ]);
  });
});

import type { RedisNode } from '../../../../src/answers/reading/resp';
import { linesOf, readConversation, type Said } from './conversation';

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/** As JSON would have it. */
function plain(node: RedisNode): unknown {
  if (node.kind === 'text') return node.body.kept.toString();
  if (node.kind === 'error') return `error ${node.body.kept.toString()}`;
  return node.kind === 'plain' ? `${node.type}${node.text}` : { [node.kind]: node.items.map(plain) };
}

const valuesIn = (said: readonly Said[], seed?: number): unknown[] =>
  readConversation(said, seed === undefined ? {} : { seed }).exchanges.map(({ response }) =>
    response?.protocol === 'redis' ? plain(response.value.node) : undefined,
  );

const conversation: Said[] = [
  ['client', command('GET', 'a') + command('SET', 'b', 'x\r\ny')],
  ['server', '$3\r\none\r\n+OK\r\n'],
  ['client', command('HGETALL', 'h') + command('LRANGE', 'l', '0', '-1') + command('GET', 'none')],
  ['server', '>2\r\n+message\r\n+pushed\r\n%1\r\n+k\r\n:5\r\n*2\r\n*1\r\n$0\r\n\r\n#t\r\n$-1\r\n'],
  ['client', command('EVAL', 'oops') + command('TIME')],
  ['server', '-ERR no\r\n|1\r\n+ttl\r\n:3\r\n~1\r\n,1.5\r\n'],
];
const values = [
  'one',
  'OK',
  { map: ['k', ':5'] },
  { list: [{ list: [''] }, '#t'] },
  '_',
  'error ERR no',
  { set: [',1.5'] },
];

describe('Redis', () => {
  test('is read value by value, in both versions of its protocol', () => {
    expect(valuesIn(conversation)).toEqual(values);
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'is read the same in any pieces, seed %i',
    (seed) => {
      expect(valuesIn(conversation, seed)).toEqual(values);
      const [whole, cut] = [readConversation(conversation), readConversation(conversation, { seed })];
      expect(cut.exchanges.map(({ digest, offset }) => [digest, offset])).toEqual(
        whole.exchanges.map(({ digest, offset }) => [digest, offset]),
      );
    },
  );

  test('knows what breaks off, what is none, and what is a stream from there on', () => {
    const asked: Said = ['client', command('GET', 'a') + command('GET', 'b')];
    expect(linesOf(readConversation([asked, ['server', '$5\r\nab']]))).toEqual([
      'GET a -> cut-off',
      'GET b -> none',
    ]);
    const unreadable = readConversation([asked, ['server', 'HTTP/1.1 200 OK\r\n\r\n']]);
    expect(linesOf(unreadable)).toEqual(['GET a -> unreadable', 'GET b -> open']);
    const stream = readConversation([
      ['client', command('PING') + command('SUBSCRIBE', 'news')],
      ['server', '+PONG\r\n*3\r\n+subscribe\r\n+news\r\n:1\r\n'],
    ]);
    expect(stream.gaveUp).toBe('it goes on as a stream of messages');
  });

  test.each(['$9999999999999\r\n', `*1\r\n`.repeat(80), '*x\r\n', `:${'1'.repeat(70_000)}`, '+a\n'])(
    'gives up on what would take it too far',
    (said) => {
      const read = readConversation([
        ['client', command('PING')],
        ['server', said],
      ]);
      expect(linesOf(read)).toEqual(['PING -> unreadable']);
    },
  );
});

describe('any other protocol', () => {
  test('is read by turns', () => {
    const read = readConversation([
      ['server', 'hello'],
      ['client', 'one'],
      ['client', ' two'],
      ['server', 'yes'],
      ['server', ' no'],
      ['client', 'bye'],
    ]);
    expect(linesOf(read)).toEqual([' -> whole hello', 'one two -> whole yes no', 'bye -> none']);
    expect(read.exchanges[1]).toMatchObject({ requested_s: 2, first_s: 3, last_s: 4, offset: 0 });
    expect(read.exchanges[2]).toMatchObject({ offset: 7, first_s: undefined });
  });
});

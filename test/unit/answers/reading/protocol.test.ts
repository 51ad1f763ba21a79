import { mayBegin, spokenIn } from '../../../../src/answers/reading/protocol';

describe('the protocol of a connection', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'http'],
    ['M-SEARCH * HTTP/1.1\r\n', 'http'],
    [`GET /${'a'.repeat(9000)}`, 'http'],
    ['GET / HTTP/1.1\r', 'http'],
    ['GET / HTTP/2.0\r\n', 'other'],
    ['PRI * HTTP/2.0\r\n\r\nSM', 'http2'],
    ['*2\r\n$3\r\nGET', 'redis'],
    ['\u0016\u0003\u0001', 'tls'],
    ['get key\r\n', 'other'],
    ['EHLO me\r\n', 'other'],
    ['\u0000\u0001', 'other'],
  ])('is told by its first words: %j is %s', (words, spoken) => {
    expect(spokenIn(Buffer.from(words, 'latin1'))).toBe(spoken);
  });

  test.each(['G', 'GET', 'GET ', 'PRI * HT', '*', '*12\r', '*1\r\n$', '\u0016'])(
    'is not told by too few: %j',
    (words) => {
      expect(spokenIn(Buffer.from(words, 'latin1'))).toBeUndefined();
    },
  );

  test('is known in the middle of a connection only where a request begins', () => {
    expect(mayBegin(Buffer.from('POST /a HTTP/1.1\r\n'))).toBe(true);
    expect(mayBegin(Buffer.from('{"a": 1}'))).toBe(false);
  });
});

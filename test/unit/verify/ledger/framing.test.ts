import { frameRequests } from '../../../../lab/verify/ledger/framing/framing';
import { httpRequestLength } from '../../../../lab/verify/ledger/framing/http-framing';
import { redisCommandLength, redisCommandName } from '../../../../lab/verify/ledger/framing/redis-framing';

const http = (text: string) => frameRequests(Buffer.from(text, 'latin1'), 'http');
const redis = (text: string) => frameRequests(Buffer.from(text, 'latin1'), 'redis');
const texts = ({ requests }: { requests: readonly Buffer[] }): string[] =>
  requests.map((request) => request.toString('latin1'));

const GET = 'GET /a HTTP/1.1\r\nHost: online\r\n\r\n';
const POST = 'POST /b HTTP/1.1\r\nHost: online\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('an HTTP request', () => {
  test.each([
    ['without a body', GET],
    ['of HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['with a body', POST],
    ['with an empty body', POST.replace('5\r\n\r\nhello', '0\r\n\r\n')],
    ['whose body looks like the end of a head', POST.replace('hello', '\r\n\r\nx')],
    ['whose body looks like a request', POST.replace('5', String(GET.length)).replace('hello', GET)],
    ['with its length in odd letters and spaces', POST.replace('Content-Length: ', 'CONTENT-length: \t')],
    ['in one chunk', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`],
    ['in chunks', `${CHUNKED}5\r\nhello\r\n1a\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`],
    ['in no chunk but the last', `${CHUNKED}0\r\n\r\n`],
    ['in chunks that hold line ends', `${CHUNKED}4\r\n\r\n\r\n\r\n0\r\n\r\n`],
    ['in chunks with an extension', `${CHUNKED}5;name=value\r\nhello\r\n0;last\r\n\r\n`],
    ['in chunks with a spaced extension', `${CHUNKED}5 ; name\r\nhello\r\n0\r\n\r\n`],
    ['in chunks with trailers', `${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n`],
    [
      'in chunks, its length beside it',
      `${CHUNKED.replace('Tr', 'Content-Length: 1\r\nTr')}2\r\nhi\r\n0\r\n\r\n`,
    ],
  ])('%s is whole at its end, and not before', (_, request) => {
    const bytes = Buffer.from(request, 'latin1');
    for (let length = 1; length < bytes.length; length += 1) {
      expect(httpRequestLength(bytes.subarray(0, length), 0)).toBeUndefined();
    }
    expect(httpRequestLength(bytes, 0)).toBe(bytes.length);
    expect(httpRequestLength(Buffer.concat([Buffer.from(GET), bytes, Buffer.from(POST)]), GET.length)).toBe(
      bytes.length,
    );
  });

  test.each([
    ['garbage', '\x16\x03\x01 is no request\r\n\r\n'],
    ['an answer', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['another version', 'GET / HTTP/2.0\r\n\r\n'],
    ['a line without a version', 'GET /\r\n\r\n'],
    ['a length that is no number', POST.replace('5', 'five')],
    ['a negative length', POST.replace('5', '-5')],
    ['an empty length', POST.replace('5', '')],
    ['a length beyond every limit', POST.replace('5', '9'.repeat(20))],
    ['a chunk size that is no number', `${CHUNKED}xyz\r\n`],
    ['a chunk that does not end where it says', `${CHUNKED}5\r\nhello!!0\r\n\r\n`],
  ])('does not begin with %s', (_, bytes) => {
    expect(httpRequestLength(Buffer.from(bytes, 'latin1'), 0)).toBe(-1);
  });

  test('has a head of at most 64 KiB', () => {
    const head = `GET / HTTP/1.1\r\nX: ${'x'.repeat(65 * 1024)}`;
    expect(httpRequestLength(Buffer.from(head), 0)).toBe(-1);
  });
});

describe('a stream of HTTP requests', () => {
  test('is cut into them, pipelined or not', () => {
    const requests = [GET, POST, `${CHUNKED}2\r\nhi\r\n0\r\n\r\n`, GET];
    const framed = http(requests.join(''));
    expect(texts(framed)).toEqual(requests);
    expect(framed).toMatchObject({ incompleteBytes: 0, strangeBytes: 0 });
  });

  test('tells how much of a last request there is', () => {
    expect(http(`${GET}${POST.slice(0, -2)}`)).toMatchObject({
      incompleteBytes: POST.length - 2,
      strangeBytes: 0,
    });
  });

  test('tells what is no request, and all behind it', () => {
    const framed = http(`${GET}oops\r\n\r\n${GET}`);
    expect(texts(framed)).toEqual([GET]);
    expect(framed).toMatchObject({ incompleteBytes: 0, strangeBytes: 8 + GET.length });
  });

  test('may be empty', () => {
    expect(http('')).toEqual({ requests: [], incompleteBytes: 0, strangeBytes: 0 });
  });
});

const SET = '*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$7\r\na\r\nb\r\n\0\r\n';

describe('a Redis command', () => {
  test.each([
    ['as an array', '*1\r\n$4\r\nPING\r\n', 'ping'],
    ['with line ends in its words', SET, 'set'],
    ['with an empty word', '*2\r\n$3\r\nGET\r\n$0\r\n\r\n', 'get'],
    ['in one line', 'PING\r\n', 'ping'],
    ['in one line with words', 'set key "a value"\r\n', 'set'],
    ['of nothing', '*0\r\n', ''],
  ])('%s is whole at its end, and not before', (_, command, name) => {
    const bytes = Buffer.from(command, 'latin1');
    for (let length = 1; length < bytes.length; length += 1) {
      expect(redisCommandLength(bytes.subarray(0, length), 0)).toBeUndefined();
    }
    expect(redisCommandLength(bytes, 0)).toBe(bytes.length);
    expect(redisCommandLength(Buffer.concat([bytes, bytes]), bytes.length)).toBe(bytes.length);
    expect(redisCommandName(bytes)).toBe(name);
  });

  test.each([
    ['a number that is none', '*x\r\n'],
    ['a negative number', '*-1\r\n'],
    ['more words than Redis takes', '*1048577\r\n'],
    ['a word without its length', '*1\r\nPING\r\n'],
    ['a length that is none', '*1\r\n$four\r\nPING\r\n'],
    ['bytes that cannot be typed', '\x00\x01\r\n'],
    ['an answer', '+OK\r\n'],
    ['an endless line', 'x'.repeat(65 * 1024)],
  ])('does not begin with %s', (_, bytes) => {
    expect(redisCommandLength(Buffer.from(bytes, 'latin1'), 0)).toBe(-1);
  });

  test('stands in a stream with others, pipelined and of both forms', () => {
    const commands = [SET, 'GET key\r\n', SET, 'PING\r\n'];
    const framed = redis(commands.join(''));
    expect(texts(framed)).toEqual(commands);
    expect(redis(`${SET}${SET.slice(0, 9)}`)).toMatchObject({ incompleteBytes: 9, strangeBytes: 0 });
    expect(redis(`${SET}!\r\n${SET}`)).toMatchObject({ incompleteBytes: 0, strangeBytes: 3 + SET.length });
  });
});

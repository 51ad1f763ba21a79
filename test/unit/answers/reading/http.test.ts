import { linesOf, readConversation, type Said } from './conversation';

const get = (path: string): Said => ['client', `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`];
const answer = (body: string, more = ''): Said => [
  'server',
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`,
];
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

describe('HTTP/1.1', () => {
  const conversation: Said[] = [
    ['client', 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'],
    ['server', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok'],
    [
      'client',
      'PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nTrailer: 1\r\n\r\n',
    ],
    [
      'server',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n',
    ],
    ['client', 'HEAD /c HTTP/1.1\r\n\r\nGET /d HTTP/1.1\r\n\r\nGET /e HTTP/1.1\r\n\r\n'],
    [
      'server',
      'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\nHTTP/1.0 200\r\n\r\nto the end',
    ],
  ];
  const lines = [
    'POST /a hello -> whole 201 ok',
    'PUT /b abcde -> whole 200 0123456789x',
    'HEAD /c -> whole 200',
    'GET /d -> whole 304',
    'GET /e -> whole 200 to the end',
  ];

  test('is read by lengths, chunks, ends, pipelined and not, with what has no body', () => {
    expect(linesOf(readConversation(conversation))).toEqual(lines);
  });

  test.each(SEEDS)('is read the same in whatever pieces it comes, seed %i', (seed) => {
    const [whole, cut] = [readConversation(conversation), readConversation(conversation, { seed })];
    expect(linesOf(cut)).toEqual(lines);
    const known = ({ digest, offset }: (typeof whole.exchanges)[number]) => ({ digest, offset });
    expect(cut.exchanges.map(known)).toEqual(whole.exchanges.map(known));
  });

  test('has its times at the last byte of the request, and at the first and the last of the answer', () => {
    const [exchange] = readConversation([
      ['client', 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n12'],
      ['client', '34'],
      ['server', 'HTTP/1.1 200 OK\r\nContent-'],
      ['server', 'Length: 2\r\n\r\no'],
      ['server', 'k'],
    ]).exchanges;
    expect(exchange).toMatchObject({ requested_s: 1, first_s: 2, last_s: 4 });
  });

  test('knows an answer that breaks off, one that never came, and one that still may', () => {
    const cut: Said[] = [
      get('/a'),
      ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'],
      get('/b'),
    ];
    expect(linesOf(readConversation(cut))).toEqual(['GET /a -> cut-off 200 half', 'GET /b -> none']);
    expect(linesOf(readConversation(cut, { isClosed: false, mightCome: true }))).toEqual([
      'GET /a -> open 200 half',
      'GET /b -> open',
    ]);
    const endless: Said[] = [get('/a'), ['server', 'HTTP/1.1 200 OK\r\n\r\nhalf']];
    expect(linesOf(readConversation(endless, { isClosed: false }))).toEqual(['GET /a -> cut-off 200 half']);
  });

  test('is not read past another protocol, and past a refused one it is', () => {
    const upgrade = 'GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const granted = readConversation([
      ['client', upgrade],
      ['server', 'HTTP/1.1 101 Switching Protocols\r\n\r\n\u0081\u0005hello'],
      ['client', '\u0081\u0005hello'],
    ]);
    expect(linesOf(granted)).toEqual(['GET /chat -> whole 101']);
    expect(granted.gaveUp).toBe('it goes on in another protocol');
    const refused = readConversation([
      ['client', `${upgrade}GET /next HTTP/1.1\r\n\r\n`],
      ['server', `${answer('no')[1] as string}${answer('yes')[1] as string}`],
    ]);
    expect(linesOf(refused)).toEqual(['GET /chat -> whole 200 no', 'GET /next -> whole 200 yes']);
    const tunnel = readConversation([
      ['client', 'CONNECT a:443 HTTP/1.1\r\n\r\n'],
      ['server', 'HTTP/1.1 200 OK\r\n\r\n\u0016\u0003\u0001'],
    ]);
    expect(linesOf(tunnel)).toEqual(['CONNECT a:443 -> whole 200']);
  });

  test('keeps of a body no more than it may, and its digest and length whole', () => {
    const body = 'x'.repeat(3_000_000);
    const [exchange] = readConversation([get('/'), answer(body)], { seed: 1 }).exchanges;
    const { response } = exchange!;
    if (response?.protocol !== 'http') throw new Error('no answer');
    expect(response.body.length).toBe(body.length);
    expect(response.body.kept).toHaveLength(1_000_000);
    expect(response.body.digest).toHaveLength(64);
  });
});

describe('what is no HTTP', () => {
  test.each([
    ['a length below zero', 'HTTP/1.1 200 OK\r\nContent-Length: -40\r\n\r\nx'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['a chunk below zero', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nx'],
    [
      'a chunk whose size is none',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
    ],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n'],
    ['another beginning', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a line without an end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(1_100_000)}`],
    [
      'a chunk size without an end',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'y'.repeat(1_100_000)}`,
    ],
  ])('is told as unreadable, and what was asked behind it is not judged: %s', (_, text) => {
    const { exchanges, gaveUp } = readConversation([get('/a'), get('/b'), ['server', text]]);
    expect(exchanges.map(({ outcome }) => outcome)).toEqual(['unreadable', 'open']);
    expect(gaveUp).toBe('its responses cannot be read');
  });

  test('behind an answer is nobody’s, as where a body is longer than its header says', () => {
    const read = readConversation([get('/a'), ['server', `${answer('ok')[1] as string}and more of it\r\n`]]);
    expect(linesOf(read)).toEqual(['GET /a -> whole 200 ok']);
    expect(read.gaveUp).toBe('its server says what nobody has asked for');
  });

  test('of a client ends the reading of its requests, and answers are still read', () => {
    const read = readConversation([get('/a'), ['client', 'what is this\r\n'], answer('ok')]);
    expect(linesOf(read)).toEqual(['GET /a -> whole 200 ok']);
    expect(read.gaveUp).toBe('its requests cannot be read');
  });

  test('may be any bytes on either side', () => {
    for (const seed of SEEDS) {
      const noise = Buffer.from(Array.from({ length: 400 }, (_, at) => (at * 7919 + seed * 104729) % 256));
      readConversation([get('/'), ['server', noise], ['client', noise], ['server', noise]], { seed });
    }
  });
});

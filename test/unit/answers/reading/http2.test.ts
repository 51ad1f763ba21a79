import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { Http2Reader } from '../../../../src/answers/reading/http2-reader';
import { HeaderDecoder } from '../../../../src/answers/reading/http2/hpack';
import type { ReadExchange } from '../../../../src/answers/reading/exchange';
import { randomBy } from '../world/random';
import { KEPT, linesOf } from './conversation';

interface Piece {
  readonly who: 'client' | 'server';
  readonly bytes: Buffer;
}

type Asking = (client: http2.ClientHttp2Session) => Promise<void>;

/** What Node's own client and server say to each other. */
async function said(
  answer: (stream: http2.ServerHttp2Stream, path: string) => void,
  ask: Asking,
): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const server = http2.createServer();
  server.on('stream', (stream, headers) =>
    answer(
      stream.on('error', () => undefined),
      `${headers[':path']}`,
    ),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const between = net.createServer((socket) => {
    const on = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    socket.on('data', (bytes) => {
      pieces.push({ who: 'client', bytes: Buffer.from(bytes) });
      on.write(bytes);
    });
    on.on('data', (bytes) => {
      pieces.push({ who: 'server', bytes: Buffer.from(bytes) });
      socket.write(bytes);
    });
    for (const [one, other] of [
      [socket, on],
      [on, socket],
    ] as const)
      one.on('close', () => other.destroy()).on('error', () => undefined);
  });
  await once(between.listen(0, '127.0.0.1'), 'listening');
  const client = http2.connect(`http://127.0.0.1:${(between.address() as net.AddressInfo).port}`);
  await ask(client);
  client.close();
  await once(client, 'close');
  between.close();
  server.close();
  return pieces;
}

async function asked(
  client: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: Buffer,
): Promise<void> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body) stream.end(body);
  stream.on('error', () => undefined).resume();
  await once(stream, 'close').catch(() => undefined);
}

/** @param seed cuts it into pieces */
function read(pieces: readonly Piece[], seed?: number, mightCome = false) {
  const exchanges: ReadExchange[] = [];
  const reader = new Http2Reader(KEPT, (exchange) => exchanges.push(exchange));
  const random = randomBy(seed ?? 0);
  for (const [at, { who, bytes }] of pieces.entries())
    for (let from = 0; from < bytes.length;) {
      const to = seed === undefined ? bytes.length : from + 1 + random.below(random.pick([1, 5, 300]));
      const part = Buffer.from(bytes.subarray(from, to));
      if (who === 'client') reader.request(part, at);
      else reader.response(part, at);
      // It is lent for the call only.
      part.fill(0x7e);
      from = to;
    }
  reader.end(true, () => mightCome);
  return { exchanges, gaveUp: reader.gaveUp };
}

const LONG = Buffer.alloc(100_000, 'long-');

const conversation = said(
  (stream, path) => {
    if (path === '/reset') stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    else if (path === '/trailers') {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end('with more');
    } else if (path === '/early') {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
      stream.respond({ ':status': 204, 'x-late': 'late' }, { endStream: true });
    } else {
      stream.respond({ ':status': path === '/no' ? 404 : 200, 'content-type': 'text/plain', 'x-path': path });
      stream.end(path === '/long' ? LONG : `you asked for ${path}`);
    }
  },
  async (client) => {
    const first = ['/a?b=c', '/no', '/long', '/trailers', '/early', '/reset'].map((path) =>
      asked(client, { ':path': path, 'x-odd': `~{}|^\\"${path}\u00ff`, cookie: 'a=b; c=d' }),
    );
    await Promise.all(first);
    await asked(client, { ':path': '/post', ':method': 'POST' }, Buffer.from('{"a": 1}'));
    // The same fields again are a byte each.
    for (let at = 0; at < 5; at += 1) await asked(client, { ':path': '/again', 'x-token': 'the same' });
  },
);

const LINES = [
  'GET /a?b=c -> whole 200 you asked for /a?b=c',
  'GET /again -> whole 200 you asked for /again',
  'GET /again -> whole 200 you asked for /again',
  'GET /again -> whole 200 you asked for /again',
  'GET /again -> whole 200 you asked for /again',
  'GET /again -> whole 200 you asked for /again',
  'GET /early -> whole 204',
  `GET /long -> whole 200 ${LONG.toString()}`,
  'GET /no -> whole 404 you asked for /no',
  'GET /reset -> none',
  'GET /trailers -> whole 200 with more',
  'POST /post {"a": 1} -> whole 200 you asked for /post',
];

describe('a connection of HTTP/2', () => {
  test('is read stream by stream, as Node’s own client and server speak it, in any pieces', async () => {
    const pieces = await conversation;
    for (const seed of [undefined, 1, 2, 3]) {
      const { exchanges, gaveUp } = read(pieces, seed);
      expect(gaveUp).toBeUndefined();
      expect(linesOf({ exchanges, gaveUp }).toSorted()).toEqual(LINES);
    }
  });

  test('has its fields as they were meant, interim ones left out, trailers among them', async () => {
    const { exchanges } = read(await conversation);
    const of = (path: string) =>
      exchanges.find(({ request }) => request.protocol === 'http' && request.target === path)!;
    expect(of('/a?b=c').request).toMatchObject({
      headers: expect.arrayContaining([['x-odd', '~{}|^\\"/a?b=c\u00ff']]),
    });
    expect(of('/no').response).toMatchObject({ headers: expect.arrayContaining([['x-path', '/no']]) });
    expect(of('/trailers').response).toMatchObject({
      headers: expect.arrayContaining([['grpc-status', '0']]),
    });
    expect(of('/early').response).toMatchObject({ headers: expect.arrayContaining([['x-late', 'late']]) });
    expect(JSON.stringify(of('/early').response)).not.toContain('preload');
  });

  test('knows the same request again, however it was compressed, and where each began', async () => {
    const { exchanges } = read(await conversation);
    const again = exchanges.filter(
      ({ request }) => request.protocol === 'http' && request.target === '/again',
    );
    expect(new Set(again.map(({ digest }) => digest)).size).toBe(1);
    expect(new Set(exchanges.map(({ offset }) => offset)).size).toBe(exchanges.length);
  });

  test('that ends in the middle leaves open, or cut off, what was', async () => {
    const pieces = await conversation;
    const at = pieces.findIndex(({ who, bytes }) => who === 'server' && bytes.includes('long-long'));
    const cut = [
      ...pieces.slice(0, at),
      { who: 'server', bytes: pieces[at]!.bytes.subarray(0, 20_000) } as const,
    ];
    const outcomes = (mightCome: boolean) =>
      read(cut, undefined, mightCome).exchanges.map(({ outcome }) => outcome);
    expect(outcomes(true)).toContain('open');
    expect(outcomes(false)).not.toContain('open');
  });

  test('may be any bytes behind its preface', async () => {
    const pieces = await conversation;
    for (let seed = 0; seed < 200; seed += 1) {
      const random = randomBy(seed);
      const spoiled = pieces.map(({ who, bytes }) => {
        const other = Buffer.from(bytes);
        for (let times = random.below(4); times > 0; times -= 1)
          other[random.below(other.length)] = random.below(256);
        return { who, bytes: other };
      });
      const { exchanges } = read(spoiled, seed);
      expect(exchanges.length).toBeLessThanOrEqual(LINES.length + 50);
    }
  });
});

test('frames that come byte by byte take no longer than their bytes', () => {
  const reader = new Http2Reader(KEPT, () => undefined);
  reader.request(
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u000f\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001'),
    1,
  );
  const began_ms = performance.now();
  for (let at = 0; at < 300_000; at += 1) reader.request(Buffer.from('x'), 1);
  expect(performance.now() - began_ms).toBeLessThan(20_000);
  expect(reader.gaveUp).toBeUndefined();
});

describe('header fields', () => {
  test('are those of RFC 7541, appendix C.4 and C.6', () => {
    const decoder = new HeaderDecoder();
    expect(decoder.fields(Buffer.from('828684418cf1e3c2e5f23a6ba0ab90f4ff', 'hex'))).toEqual([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ]);
    expect(decoder.fields(Buffer.from('828684be5886a8eb10649cbf', 'hex'))).toContainEqual([
      'cache-control',
      'no-cache',
    ]);
    expect(
      decoder.fields(Buffer.from('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', 'hex')),
    ).toContainEqual(['custom-key', 'custom-value']);
  });

  test.each([
    ['an index that there is not', 'c0'],
    ['a text that is longer than the block', '400a61'],
    ['padding that is none', '400187000187f8'],
    ['a number without an end', 'ffffffffffffffffff'],
    ['a table that is too large', '3fffffff7f'],
  ])('are none where there is %s', (_, hex) => {
    expect(new HeaderDecoder().fields(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  test('of any byte come out as they went in', async () => {
    const every = Array.from({ length: 256 }, (_, at) => String.fromCharCode(at)).filter((one) =>
      /[\t\x20-\x7e\x80-\xff]/.test(one),
    );
    const values = Array.from({ length: 40 }, (_, at) => {
      const random = randomBy(at);
      return `x${Array.from({ length: 30 }, () => random.pick(every)).join('')}x`;
    });
    const pieces = await said(
      (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
      async (client) => {
        for (const value of values) await asked(client, { ':path': '/', 'x-any': value });
      },
    );
    const { exchanges } = read(pieces);
    const found = exchanges.map(({ request }) =>
      request.protocol === 'http' ? request.headers.find(([name]) => name === 'x-any')?.[1] : undefined,
    );
    expect(found).toEqual(values);
  });
});

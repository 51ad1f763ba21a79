import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve, type WatchServer } from '../../../../lab/web/serve/server';
import {
  keptPlaying,
  keptShells,
  keptTeaching,
  keptWatch,
  type KeptPlaying,
  type KeptShells,
  type KeptTeaching,
  type KeptWatch,
} from '../world';

const files = new Map([['/', { type: 'text/html', content: Buffer.from('<p>page</p>') }]]);
const wanted = { of: 'lab', copy: 'online', client: 'client', method: 'GET', target: '/hello', body: '' };

let watch: KeptWatch;
let playing: KeptPlaying;
let teaching: KeptTeaching;
let shells: KeptShells;
let server: WatchServer;
let url: URL;
let cookie: string;

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask(
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<IncomingMessage> {
  const own = { ...(cookie && { cookie }), ...(method === 'POST' && { origin: url.origin }) };
  const asking = request(new URL(path, url), { method, headers: { ...own, ...headers } });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return response;
}

const post = (body: string): Promise<IncomingMessage> => ask('/request', { method: 'POST', body });

beforeEach(async () => {
  watch = keptWatch();
  playing = keptPlaying();
  teaching = keptTeaching();
  shells = keptShells();
  server = await serve({ sources: { watched: watch, playing, teaching }, shells, files }, 0);
  url = new URL(server.url);
  cookie = '';
  const { headers } = await ask(`/${url.search}`);
  cookie = headers['set-cookie']![0]!.split(';')[0]!;
});
afterEach(() => server.close());

test('the address with the token leads to the page without it', async () => {
  const entered = await ask(`/${url.search}`);
  expect([entered.statusCode, entered.headers.location]).toEqual([303, '/']);
  expect(await text(await ask('/'))).toBe('<p>page</p>');
});

test('the page may load, run and ask nothing but its own, and nobody may frame it', async () => {
  const policy = (await ask('/')).headers['content-security-policy']!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
});

test('messages come as events: first what went before, then what is new', async () => {
  const events = await ask('/events');
  const read = (async () => {
    let all = '';
    for await (const piece of events) {
      all += String(piece);
      if (all.includes('"gone"')) break;
    }
    return all;
  })();
  watch.tell({ kind: 'gone' });
  const kinds = [...(await read).matchAll(/^data: \{"kind":"([a-z]+)"/gm)].map(([, kind]) => kind);
  expect(kinds[0]).toBe('picture');
  expect(kinds.at(-1)).toBe('gone');
});

test('a request is sent as it was asked for, and its connection comes back', async () => {
  const answer = JSON.parse(await text(await post(JSON.stringify(wanted)))) as {
    exchange: { steps: unknown[] };
  };
  const { of, ...sent } = wanted;
  expect(of).toBe('lab');
  expect(watch.asked).toEqual([sent]);
  expect(answer.exchange.steps.length).toBeGreaterThan(10);
  expect((await post(JSON.stringify({ ...wanted, of: 'lesson' }))).statusCode).toBe(200);
  expect([watch.asked.length, teaching.asked]).toEqual([1, ['send /hello']]);
});

test.each([
  ['no JSON', '{'],
  ['a line break in the path', JSON.stringify({ ...wanted, target: '/a\r\nHost: b' })],
  ['another method', JSON.stringify({ ...wanted, method: '-o/etc/passwd' })],
  ['a name that is none', JSON.stringify({ ...wanted, client: '../x' })],
  ['the lab of a run, where it would count as its load', JSON.stringify({ ...wanted, of: 'run' })],
  ['something more', JSON.stringify({ ...wanted, more: 1 })],
])('%s is refused, and nothing is sent', async (_, body) => {
  expect((await post(body)).statusCode).toBe(400);
  expect(watch.asked).toEqual([]);
});

test('a scenario is played with the seed that is asked for, or any', async () => {
  const answer = await ask('/play', {
    method: 'POST',
    body: JSON.stringify({ scenario: 'loss-1', seed: 7 }),
  });
  expect(JSON.parse(await text(answer))).toEqual({ scenario: 'loss-1', seed: 7 });
  await ask('/play', { method: 'POST', body: JSON.stringify({ scenario: 'loss-1' }) });
  await ask('/stop', { method: 'POST' });
  expect(playing.asked).toEqual([
    'play loss-1 7',
    expect.stringMatching(/^play loss-1 \d+$/) as string,
    'stop',
  ]);
});

test('what is no scenario is refused, and nothing is played', async () => {
  for (const body of ['{', '{"scenario":"../x"}', '{"scenario":"loss-1","seed":-1}']) {
    expect((await ask('/play', { method: 'POST', body })).statusCode).toBe(400);
  }
  expect(playing.asked).toEqual([]);
});

test('a lesson is opened, looked at, helped with and left in the language that is asked for', async () => {
  const post = async (path: string, wanted: object): Promise<unknown> =>
    JSON.parse(await text(await ask(path, { method: 'POST', body: JSON.stringify(wanted) })));
  const [first] = JSON.parse(await text(await ask('/lessons?language=zh'))) as { title: string }[];
  expect(first).toMatchObject({ title: '十分钟看懂 TCP', passed: 0 });
  expect(JSON.parse(await text(await ask('/lesson?language=en')))).toBeNull();
  expect(await post('/lesson', { lesson: 'tcp', at: 2, language: 'en' })).toMatchObject({ number: 2 });
  expect(JSON.parse(await text(await ask('/lesson?language=en')))).toMatchObject({ number: 2 });
  expect(await post('/lesson/check', { language: 'en' })).toMatchObject({ passed: false });
  expect(await post('/lesson/help', { language: 'zh' })).toEqual({ hint: expect.stringMatching(/命令/) });
  expect(await post('/lesson/leave', {})).toEqual({});
  for (const wanted of [
    { lesson: '../x', language: 'en' },
    { lesson: 'tcp', at: 0, language: 'en' },
  ])
    expect(await post('/lesson', wanted)).toMatchObject({ code: 'REQUEST_UNUSABLE' });
  expect(teaching.asked).toEqual(['open tcp 2', 'check', 'help', 'leave']);
});

test('messages of a run come by the same stream, and are told apart', async () => {
  const events = await ask('/events');
  playing.tell({ kind: 'setting-up', what: 'network' });
  for await (const piece of events) {
    if (String(piece).includes('event: run\ndata: {"kind":"setting-up"')) return;
  }
  throw new Error('it was not told');
});

test('more than a request can be is refused', async () => {
  expect((await post('x'.repeat(70_000))).statusCode).toBe(413);
});

test('without the cookie nothing is told', async () => {
  cookie = '';
  for (const path of ['/', '/events', '/exchange?copy=online&client=x']) {
    expect((await ask(path)).statusCode).toBe(403);
  }
  expect((await post(JSON.stringify(wanted))).statusCode).toBe(403);
  expect(watch.asked).toEqual([]);
});

test('a connection of which nothing is kept is said not to be there', async () => {
  expect((await ask('/exchange?copy=online&client=198.18.10.10:1')).statusCode).toBe(404);
  expect((await ask('/exchange?copy=online&client=198.18.10.10:40000')).statusCode).toBe(200);
});

test('a port that somebody else has is refused with what to do', async () => {
  await expect(
    serve({ sources: { watched: watch, playing, teaching }, shells, files }, Number(url.port)),
  ).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    mend: expect.stringContaining('--port'),
  });
});

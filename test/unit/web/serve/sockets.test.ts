import { once } from 'node:events';
import { WebSocket } from 'ws';
import { serve, type WatchServer } from '../../../../lab/web/serve/server';
import { eventually } from '../../../../e2e/stage/eventually';
import { keptPlaying, keptShells, keptTeaching, keptWatch, type KeptShells } from '../world';

let shells: KeptShells;
let server: WatchServer;
let url: URL;
let cookie: string;

beforeEach(async () => {
  shells = keptShells();
  const sources = { watched: keptWatch(), playing: keptPlaying(), teaching: keptTeaching() };
  server = await serve({ sources, shells, files: new Map() }, 0);
  url = new URL(server.url);
  const entered = await fetch(server.url, { redirect: 'manual' });
  cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
});
afterEach(() => server.close());

const query = 'of=lab&node=test&columns=80&rows=24';

function connect(headers: Record<string, string> = {}, path = `/terminal?${query}`): WebSocket {
  const socket = new WebSocket(`ws://${url.host}${path}`, {
    headers: { cookie, origin: url.origin, ...headers },
  });
  socket.on('error', () => undefined);
  return socket;
}

/** Everything that it says until it says this. */
function untilSaid(socket: WebSocket, words: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    socket.on('message', (data: Buffer) => {
      said += data.toString();
      if (said.includes(words)) resolve(said);
    });
  });
}

test('what is typed reaches the shell, what it says comes back, and a new size is told', async () => {
  const socket = connect();
  const said = untilSaid(socket, 'test# ls');
  await once(socket, 'open');
  socket.send(Buffer.from('ls'));
  socket.send('{"columns":40,"rows":20}');
  expect(await said).toBe('test# ls');
  await eventually(() => shells.asked.includes('size true'));
  socket.close();
  await eventually(() => shells.asked.includes('closed: ls'));
});

test('a shell that ends ends its connection, and the server ends them all', async () => {
  const socket = connect();
  await once(socket, 'open');
  socket.send(Buffer.from('exit\r'));
  expect((await once(socket, 'close'))[0]).toBe(1005);
  const other = connect();
  await once(other, 'message');
  const ended = once(other, 'close');
  await server.close();
  await ended;
  await eventually(() => shells.asked.filter((one) => one.startsWith('closed')).length === 2);
});

test('where there can be no shell the connection is closed with the reason', async () => {
  const socket = connect({}, '/terminal?of=lab&node=gone&columns=80&rows=24');
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([4000, 'There is no such node.']);
});

test.each([
  '',
  'of=run&node=test&columns=80&rows=24',
  'of=lab&node=../x&columns=80&rows=24',
  'of=lab&node=test&columns=80&rows=0',
])('nothing is opened for the query %p', async (other) => {
  const [code] = (await once(connect({}, `/terminal?${other}`), 'close')) as [number];
  expect([code, shells.asked]).toEqual([4000, []]);
});

test.each([
  ['of another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ['of another site', { origin: 'http://evil.example' }, 403],
  ['of a page without an origin', { origin: 'null' }, 403],
  ['without an origin', { origin: '' }, 403],
  ['without the cookie', { cookie: '' }, 403],
  ['with another token', { cookie: 'lab-watch=wrong' }, 403],
  ['for another name of this address', { host: 'rebound.example' }, 421],
  ['of a page of the same site', { 'sec-fetch-site': 'same-site' }, 403],
])('an upgrade %s is refused', async (_, headers, status) => {
  const socket = connect(headers);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(status);
  socket.terminate();
  expect(shells.asked).toEqual([]);
});

test('an upgrade elsewhere is refused', async () => {
  for (const path of ['/events', '/', `/${url.search}`]) {
    const socket = connect({}, path);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(404);
    socket.terminate();
  }
});

import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { serverFor } from '../../../../bench/server/serve';
import type { ServerTask } from '../../../../bench/server/task';

/** Plays a client against a server of that kind, and tells what the server wrote down. */
async function against(
  task: Omit<ServerTask, 'port'>,
  client: (socket: Socket) => Promise<void>,
): Promise<{ readonly heard: string[]; readonly remarks: string[] }> {
  const heard: string[] = [];
  const remarks: string[] = [];
  const server = serverFor(task, {
    heard: ({ ordinal, method, target, length }) => heard.push(`${ordinal} ${method} ${target} ${length}`),
    remark: (remark, target) => remarks.push(`${remark} ${target}`),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
  try {
    await client(socket);
    socket.destroy();
    return { heard, remarks };
  } finally {
    server.close();
    await once(server, 'close');
  }
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\n\r\n`;

/** Resolves when the server has said all that is expected. */
async function hearUntil(socket: Socket, pattern: RegExp): Promise<string> {
  for (let text = ''; ;) {
    const [said] = (await once(socket, 'data')) as [string];
    text += said;
    if (pattern.test(text)) return text;
  }
}

const whole = (body_bytes: number): RegExp => new RegExp(`\r\n\r\nx{${body_bytes}}$`);

describe('the server program', () => {
  test('answers by a request’s place in its connection, over and over', async () => {
    const task = { answers: [{ body_bytes: 3 }, 'none', { body_bytes: 8 }] } as const;
    const { heard, remarks } = await against(task, async (socket) => {
      for (const size of [3, 8, 3]) {
        socket.write(size === 8 ? get('/unanswered') + get('/8') : get(`/${size}`));
        await hearUntil(socket, whole(size));
      }
    });
    expect(heard).toEqual(['1 GET /3 19', '2 GET /unanswered 28', '3 GET /8 19', '4 GET /3 19']);
    expect(remarks).toEqual([]);
  });

  test('sees who does not wait for an answer that has not ended', async () => {
    // Long enough for a client on a busy machine to speak in between.
    const task = { answers: [{ body_bytes: 100, pieces: 2, pause_ms: 1500 }] };
    const { remarks } = await against(task, async (socket) => {
      socket.write(get('/first'));
      await hearUntil(socket, /x/);
      socket.write(get('/second'));
      await hearUntil(socket, /x{50,}HTTP[^]*x{100}$/);
    });
    expect(remarks).toEqual(['early /second']);
  });

  test('sees who has gone before an answer was whole', async () => {
    const task = { answers: [{ body_bytes: 3, after_ms: 50 }] };
    const { remarks } = await against(task, async (socket) => {
      socket.end(get('/left'));
      socket.resume();
      await once(socket, 'close');
    });
    expect(remarks).toEqual(['cut-off /left']);
  });

  test('speaks unasked where it is told to', async () => {
    const task = { answers: ['none'], push: { every_ms: 5, bytes: 4 } } as const;
    const { heard } = await against(task, async (socket) => {
      await hearUntil(socket, /pppppppp/);
      socket.write(get('/unanswered'));
      socket.end();
      await once(socket, 'close');
    });
    expect(heard).toEqual(['1 GET /unanswered 28']);
  });
});

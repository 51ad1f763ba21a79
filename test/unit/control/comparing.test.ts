/** A connection that tells what is compared: beside those that copy, and held where nobody listens. */
import { ControlClient } from '../../../src/control/client';
import { ControlServer, NOT_COMPARING, type ComparingEvents, type Teller } from '../../../src/control/server';
import { eventually, newKey } from './attacked';

const ENDPOINTS = [{ address: 0xc6120a1e, port: 8080 }];

const started: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).toReversed()) await one.stop();
});

async function serve(comparing: ComparingEvents | undefined, keys?: ReturnType<typeof newKey>[]) {
  const copying: string[] = [];
  const nothing = (): undefined => undefined;
  const server = new ControlServer(
    {
      connected: ({ name }) => copying.push(name),
      registered: nothing,
      unregistered: nothing,
      asked: nothing,
      abandoned: nothing,
      disconnected: nothing,
      refused: nothing,
      comparing,
    },
    undefined,
    undefined,
    { keys },
  );
  await server.listen(0, '127.0.0.1');
  started.push({ stop: () => server.close() });
  return { server, copying };
}

function tellerTo(server: ControlServer, keys?: ReturnType<typeof newKey>[]) {
  const lost: string[] = [];
  const nothing = (): undefined => undefined;
  const events = { connected: nothing, guard: nothing, replies: nothing, unroutable: nothing };
  const client = new ControlClient(
    '127.0.0.1',
    server.port,
    ENDPOINTS,
    { ...events, lost: (reason) => lost.push(reason) },
    undefined,
    keys,
    'compare',
  );
  client.start();
  started.push(client);
  return { client, lost };
}

function listening() {
  const heard: Buffer[] = [];
  const tellers: Teller[] = [];
  const left: string[] = [];
  const comparing: ComparingEvents = {
    joined: (teller) => void tellers.push(teller),
    seen: (_, records) => void heard.push(Buffer.from(records)),
    left: (_, reason) => void left.push(reason),
  };
  return { comparing, heard, tellers, left };
}

describe('who tells what is compared', () => {
  test('is heard, and copies nothing', async () => {
    const { comparing, heard, left } = listening();
    const { server, copying } = await serve(comparing);
    const { client } = tellerTo(server);
    await eventually(() => client.unsent_bytes !== undefined);
    client.tell(Buffer.from('records'));
    await eventually(() => heard.length === 1);
    expect(heard[0]!.toString()).toBe('records');
    expect(copying).toEqual([]);
    client.stop();
    await eventually(() => left.length === 1);
  });

  test('proves the same key', async () => {
    const { comparing, heard } = listening();
    const keys = [newKey('one')];
    const { server } = await serve(comparing, keys);
    const { client } = tellerTo(server, keys);
    await eventually(() => client.unsent_bytes !== undefined);
    client.tell(Buffer.alloc(60_000, 'x'));
    await eventually(() => heard.length === 1 && heard[0]!.length === 60_000);
    const stranger = tellerTo(server, [newKey('two')]);
    await eventually(() => stranger.lost.length > 0);
    expect(stranger.client.unsent_bytes).toBeUndefined();
  });

  test('is told why where nothing is compared', async () => {
    const { server } = await serve(undefined);
    const { lost } = tellerTo(server);
    await eventually(() => lost.length > 0);
    expect(lost[0]).toBe(`refused: ${NOT_COMPARING}`);
  });

  test('can say no more while it is held, is not taken for dead, and then goes on', async () => {
    const { comparing, heard, tellers, left } = listening();
    const { server } = await serve(comparing);
    const { client } = tellerTo(server);
    await eventually(() => tellers.length === 1 && client.unsent_bytes !== undefined);
    tellers[0]!.hold(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = heard.length;
    for (let number = 0; number < 200; number += 1) client.tell(Buffer.alloc(60_000, `${number % 10}`));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(heard.length).toBe(before);
    expect(client.unsent_bytes).toBeGreaterThan(1_000_000);
    expect(left).toEqual([]);
    tellers[0]!.hold(false);
    await eventually(() => heard.length === before + 200 && client.unsent_bytes === 0);
    expect(left).toEqual([]);
  });
});

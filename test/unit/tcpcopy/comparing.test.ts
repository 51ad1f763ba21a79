/** What tcpcopy tells of compared connections, to an intercept that listens, and to one that is held. */
import { readSeen, type Seen } from '../../../src/answers/seen/records';
import { ControlClient } from '../../../src/control/client';
import { ControlServer, type Teller } from '../../../src/control/server';
import { nodeTurns } from '../../../src/kernel/turns';
import { emptySegmentView, type SegmentView } from '../../../src/wire/segment';
import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp';
import { Comparing } from '../../../src/tcpcopy/copying/comparing';
import { bareSegment } from '../../../src/guard/bare-segment';
import { eventually } from '../control/attacked';

const TRANSFER = { onlineAddress: undefined, onlinePort: 80, testAddress: 0xc6120a1e, testPort: 8080 };
const ONLINE = 0xc6120a14;
const CLIENT = 0xc6120a0a;
const EVERY = 10_000;

interface Heard {
  readonly seen: Seen;
  readonly port: number;
  readonly bytes: number;
}

const started: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).toReversed()) await one.stop();
});

async function comparing(share = EVERY) {
  const heard: Heard[] = [];
  const tellers: Teller[] = [];
  const logged: string[] = [];
  const nothing = (): undefined => undefined;
  const server = new ControlServer({
    connected: nothing,
    registered: nothing,
    unregistered: nothing,
    asked: nothing,
    abandoned: nothing,
    disconnected: nothing,
    refused: nothing,
    comparing: {
      joined: (teller) => void tellers.push(teller),
      seen: (_, records) =>
        readSeen(records, (seen, { source, sourcePort, destinationPort, payloadLength }) =>
          heard.push({ seen, port: source === CLIENT ? sourcePort : destinationPort, bytes: payloadLength }),
        ),
      left: nothing,
    },
  });
  await server.listen(0, '127.0.0.1');
  started.push({ stop: () => server.close() });
  const log = (event: string): void => void logged.push(event);
  const one = new Comparing(
    { share, transfers: [TRANSFER] },
    {
      turns: nodeTurns,
      log: { info: log, warning: log, error: log },
      clockAhead_ms: () => 0,
      connect: ({ connected, lost }) => {
        const events = { guard: nothing, replies: nothing, unroutable: nothing };
        const endpoints = [{ address: TRANSFER.testAddress, port: TRANSFER.testPort }];
        const client: ControlClient = new ControlClient(
          '127.0.0.1',
          server.port,
          endpoints,
          { ...events, connected: () => connected(client.name), lost: (why) => lost(client.name, why) },
          nodeTurns,
          undefined,
          'compare',
        );
        return [client];
      },
    },
  );
  started.push(one);
  // Heard is not yet answered: before it is, nothing is told.
  await eventually(() => tellers.length === 1 && one.links[0]!.unsent_bytes !== undefined);
  return { one, heard, teller: tellers[0]!, logged };
}

function segment(from: 'client' | 'server', port: number, flags: number, bytes = 0): SegmentView {
  const [client, server] = [
    { address: CLIENT, port },
    { address: ONLINE, port: 80 },
  ];
  const [source, destination] = from === 'client' ? [client, server] : [server, client];
  return {
    ...emptySegmentView(),
    bytes: new Uint8Array(bytes),
    payloadLength: bytes,
    source: source.address,
    sourcePort: source.port,
    destination: destination.address,
    destinationPort: destination.port,
    flags,
  };
}

const COPIED = { clientAddress: CLIENT, copy: 0 };
const route = (port: number) => ({
  clientAddress: CLIENT,
  clientPort: port,
  serverAddress: TRANSFER.testAddress,
  serverPort: TRANSFER.testPort,
});

describe('what is told of compared connections', () => {
  test('is what their clients, their servers and their copies say, and of no others', async () => {
    const { one, heard } = await comparing();
    expect(one.begins(route(5), { ...COPIED, clientPort: 5 })).toBe(true);
    expect(one.begins(route(6), { ...COPIED, clientPort: 6, copy: 1 })).toBe(false);
    one.client(segment('client', 5, SYN), 1, true);
    one.server(segment('server', 5, ACK | PSH, 100), 2);
    for (const port of [5, 6]) {
      const packet = bareSegment({
        from: { address: CLIENT, port },
        to: { address: TRANSFER.testAddress, port: TRANSFER.testPort },
        ttl: 64,
        sequence: 1,
        acknowledgment: 1,
        flags: ACK | FIN,
      });
      one.copy(packet, packet.length);
    }
    await eventually(() => heard.length === 3);
    expect(heard).toEqual([
      { seen: 'client', port: 5, bytes: 0 },
      { seen: 'server', port: 5, bytes: 100 },
      { seen: 'copy', port: 5, bytes: 0 },
    ]);
  });

  test('is of a share of the connections, chosen alike for the client and its copy', async () => {
    const { one, heard } = await comparing(EVERY / 2);
    const ports = Array.from({ length: 200 }, (_, at) => 20_000 + at);
    const chosen = ports.filter((port) => one.begins(route(port), { ...COPIED, clientPort: port }));
    for (const port of ports) one.client(segment('client', port, SYN), 1, true);
    await eventually(() => heard.length === chosen.length);
    expect(heard.map(({ port }) => port)).toEqual(chosen);
    expect(Math.abs(chosen.length - 100)).toBeLessThan(30);
  });

  test('leaves connections out that are not copied', async () => {
    const { one, heard } = await comparing();
    one.client(segment('client', 5, SYN), 1, false);
    one.client(segment('client', 5, ACK | PSH, 10), 2, true);
    one.client(segment('client', 6, SYN), 3, true);
    await eventually(() => heard.length === 1);
    expect(heard[0]!.port).toBe(6);
  });

  test('leaves whole connections out while there is no room, says which, and begins them anew', async () => {
    const { one, heard, teller } = await comparing();
    teller.hold(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    one.client(segment('client', 5, SYN), 1, true);
    // Sockets take some of it as well.
    while (one.counters.compare_connections_left_out === 0) {
      one.client(segment('client', 5, ACK | PSH, 30_000), 2, true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    one.client(segment('client', 6, SYN), 3, true);
    expect(one.counters.compare_connections_left_out).toBe(2);
    teller.hold(false);
    await eventually(() => one.links[0]!.unsent_bytes === 0);
    one.client(segment('client', 5, ACK | PSH, 30_000), 4, true);
    one.client(segment('client', 6, ACK | PSH, 30_000), 4, true);
    one.client(segment('client', 7, SYN), 5, true);
    one.client(segment('client', 6, SYN), 6, true);
    const told = () => heard.slice(heard.findIndex(({ seen }) => seen === 'left-out'));
    await eventually(() => heard.at(-1)?.port === 6);
    expect(told()).toEqual([
      { seen: 'left-out', port: 5, bytes: 0 },
      { seen: 'left-out', port: 6, bytes: 0 },
      { seen: 'client', port: 7, bytes: 0 },
      { seen: 'client', port: 6, bytes: 0 },
    ]);
  });
});

import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { openKernel } from '../../../../src/kernel/kernel';
import { HeldPorts } from '../../../../src/kernel/netlink/held-ports';
import { parseAddress } from '../../../../src/wire/address/address';

const LOOPBACK = parseAddress('127.0.0.1')!;

async function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.resume());
  server.listen(0, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

const routeOf = (clientPort: number, serverPort = 9) => ({
  clientAddress: LOOPBACK,
  clientPort,
  serverAddress: LOOPBACK,
  serverPort,
});

describe('ports that programs hold', () => {
  test.each(['127.0.0.1', '::'])('are those of a listener on %s, and not its neighbours', async (host) => {
    const { server, port } = await listening(host);
    const held = new HeldPorts(openKernel(), port, port);
    const beside = new HeldPorts(openKernel(), port - 1, port - 1);
    try {
      expect(held.isHeld(routeOf(port))).toBe(true);
      expect(beside.isHeld(routeOf(port - 1))).toBe(false);
    } finally {
      held.close();
      beside.close();
      server.close();
    }
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
  ])('of a listener on %s, connections from %s are told by both of their ends', async (host, from) => {
    const { server, port } = await listening(host);
    const address = parseAddress(from)!;
    const held = new HeldPorts(openKernel(), 1024, 65_535);
    const socket = connect(port, from);
    try {
      await once(socket, 'connect');
      const own = { clientAddress: address, clientPort: socket.localPort!, serverAddress: address };
      expect(held.connectionsTo([{ address, port }])).toEqual([{ ...own, serverPort: port }]);
      expect(held.connectionsTo([{ address, port: port + 1 }])).toEqual([]);
      const none = new HeldPorts(openKernel(), port, port);
      expect(none.connectionsTo([{ address, port }])).toEqual([]);
      none.close();
    } finally {
      socket.destroy();
      held.close();
      server.close();
    }
  });

  test('are known of a connection at once, although all of them are asked for once in a while', async () => {
    const { server, port } = await listening('127.0.0.1');
    const held = new HeldPorts(openKernel(), 1024, 65_535);
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      const route = routeOf(socket.localPort!, port);
      expect(held.isHeld(route)).toBe(true);
      expect(held.isHeld({ ...route, serverPort: port + 1 })).toBe(false);
    } finally {
      socket.destroy();
      held.close();
      server.close();
    }
  });
});

/** What a peer says is heard in its order, whoever reads it at the moment: Node, or the reactor, which never waits for Node. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '../../../src/control/frames';
import { ControlServer } from '../../../src/control/server';
import { openKernel } from '../../../src/kernel/kernel';
import type { Route } from '../../../src/wire/reply';
import { eventually, HELLO, ROUTE } from './attacked';

const ROUTES_PER_FRAME = 1000;
const FRAMES = 60;

/** Packets, to the reactor: there is one whenever it is told. */
function packets() {
  const folder = mkdtempSync(join(tmpdir(), 'tcpcopy-lab-'));
  const path = join(folder, 'packets');
  spawnSync('mkfifo', [path]);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const byte = new Uint8Array(1);
  const leave = openKernel().watchReadable(descriptor, () => {
    try {
      return readSync(descriptor, byte);
    } catch {
      return 0;
    }
  });
  return {
    come: () => void writeSync(descriptor, byte),
    [Symbol.dispose]() {
      leave();
      closeSync(descriptor);
      rmSync(folder, { recursive: true });
    },
  };
}

test('a tcpcopy that tells of many connections at once, while packets come, is heard in its order', async () => {
  const heard: Route[] = [];
  const ends: string[] = [];
  const server = new ControlServer(
    {
      connected: () => undefined,
      registered: (_, routes) => heard.push(...routes),
      unregistered: () => undefined,
      asked: () => undefined,
      abandoned: () => undefined,
      disconnected: (_, reason) => ends.push(reason),
      refused: (_, reason) => ends.push(reason),
    },
    undefined,
    openKernel().turns,
  );
  await server.listen(0, '127.0.0.1');
  using coming = packets();
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined).resume();
  socket.write(encodeFrame(HELLO));
  await once(socket, 'data');
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const routes = Array.from({ length: ROUTES_PER_FRAME }, (_, index) => ({
      ...ROUTE,
      clientAddress: frame + 1,
      clientPort: index + 1,
    }));
    socket.write(encodeFrame({ kind: 'register', routes }));
    // Behind it, so that Node reads first.
    coming.come();
  }
  await eventually(() => ends.length > 0 || heard.length === FRAMES * ROUTES_PER_FRAME);
  socket.destroy();
  await server.close();
  expect(ends.filter((reason) => !reason.includes('stopping'))).toEqual([]);
  const order = heard.map(({ clientAddress, clientPort }) => clientAddress * 10_000 + clientPort);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

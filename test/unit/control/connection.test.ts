/** One end of a control channel, at its end. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Connection } from '../../../src/control/connection';
import { nodeTurns } from '../../../src/kernel/turns';
import { REPLY } from './attacked';

test('that is closed with more unsent than a peer may leave unread ends once, with one reason', async () => {
  const server = createServer((socket) => socket.pause());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const reasons: string[] = [];
  const connection = new Connection(
    socket,
    { message: () => undefined, closed: (reason) => reasons.push(reason) },
    nodeTurns,
  );
  for (let count = 0; count < 500_000; count += 1) connection.sendReply(REPLY);
  connection.close('the program is stopping');
  socket.destroy();
  server.close();
  expect(reasons).toHaveLength(1);
});

/**
 * `lab-load`: what the check of a lab runs on its clients.
 *
 *   lab-load play <host> <port> <profile as JSON>   plays a load; progress on stderr, the summary as JSON on stdout
 *   lab-load mark <address> <port> <text>           sends one UDP datagram, broadcast addresses included
 */
import { createSocket } from 'node:dgram';
import { play } from './play';
import type { LoadProfile } from './profile';

const [command, ...rest] = process.argv.slice(2);

if (command === 'play' && rest.length === 3) {
  const [host, port, profile] = rest as [string, string, string];
  const summary = await play(JSON.parse(profile) as LoadProfile, host, Number(port), (answered) =>
    process.stderr.write(`${answered}\n`),
  );
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  process.exitCode = summary.failed.length > 0 ? 1 : 0;
} else if (command === 'mark' && rest.length === 3) {
  const [address, port, text] = rest as [string, string, string];
  const socket = createSocket('udp4');
  socket.bind(() => {
    socket.setBroadcast(true);
    socket.send(text, Number(port), address, () => socket.close());
  });
} else {
  process.stderr.write(
    'usage: lab-load play <host> <port> <profile> | lab-load mark <address> <port> <text>\n',
  );
  process.exitCode = 2;
}

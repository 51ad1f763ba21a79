import { describe, expect, test } from '@jest/globals';
import type { LabNode, RunningLab } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const LOG = '/tmp/addresses.log';

/** Ends the tcpcopy that runs, and starts one with other options, which may not send before it is armed. */
async function restart(lab: RunningLab, from: string, ...argv: string[]): Promise<void> {
  const online = lab.node('online');
  const test = lab.node('test').definition.address;
  await shell(
    online,
    `pkill -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.05; done; rm -f ${LOG}`,
  );
  const options = ['-x', `${from}-${test}:8080`, '-s', online.definition.address, ...argv];
  await shell(online, `tcpcopy ${options.join(' ')} -l ${LOG} -d`);
  await eventually(() => logged(online, '"event":"copying"'));
}

const logged = async (online: LabNode, text: string): Promise<boolean> =>
  (await online.exec(['grep', '-qF', text, LOG])).exitCode === 0;

const address = (lab: RunningLab, host: number): string =>
  lab.node('online').definition.address.replace(/\d+$/, String(host));

/** How often the test server got what the client asked of each address. */
async function arrived(lab: RunningLab, ...addresses: readonly string[]): Promise<number[]> {
  const server = lab.node('test');
  const asked = addresses.map((one, index) => `http://${one}/${Date.now()}-${index}`);
  await shell(lab.node('client'), `curl -sf -m 3 -o /dev/null -o /dev/null -o /dev/null ${asked.join(' ')}`);
  const counts = async (): Promise<number[]> => {
    const { stdout } = await server.exec(['cat', '/var/log/nginx/access.log']);
    return asked.map((url) => stdout.toString().split(new URL(url).pathname + ' ').length - 1);
  };
  await eventually(async () => (await counts()).every((count) => count > 0));
  return counts();
}

describe('a traditional lab', () => {
  const lab = sharedLab(traditional, 'e2e-addresses');

  test('has all addresses of its online server copied, also those that come later or are waited for', async () => {
    const [online, client] = [lab().node('online'), lab().node('client')];
    const [labelled, onLoopback, later, waited] = [21, 99, 77, 78].map((host) => address(lab(), host));
    const onLo = (which = ''): Promise<void> =>
      shell(client, `ip route replace ${which}/32 via ${online.definition.address}`);
    await shell(online, `ip address add ${labelled}/24 dev eth0 label eth0:1`);
    await shell(online, `ip address add ${onLoopback}/32 dev lo`);
    await onLo(onLoopback);
    // The tcpcopy that runs since the lab was started has not been told of these.
    expect(await arrived(lab(), online.definition.address, labelled!, onLoopback!)).toEqual([1, 1, 1]);

    await restart(lab(), '80', '-i', 'any', '--io', 'packages');
    await shell(online, `ip address add ${later}/24 dev eth0`);
    expect(await arrived(lab(), labelled!, onLoopback!, later!)).toEqual([1, 1, 1]);

    await restart(lab(), `${waited}:80`);
    expect(await logged(online, 'waiting for address')).toBe(true);
    await shell(online, `ip address add ${waited}/32 dev lo`);
    await onLo(waited);
    expect(await arrived(lab(), waited!)).toEqual([1]);
    expect(await logged(online, `"addresses":["${waited} on lo"]`)).toBe(true);
  });

  test('has one port of a client that speaks to two addresses copied as two connections', async () => {
    const [online, client, server] = [lab().node('online'), lab().node('client'), lab().node('test')];
    await restart(lab(), '80');
    const hosts = [online.definition.address, address(lab(), 21)];
    const requests = 50;
    for (const port of ['41000', '42000', '43000']) {
      const argv = ['/opt/tcpcopy-lab/bin/node', '-e', SPEAKER, port, String(requests), ...hosts];
      const { exitCode, stderr } = await client.exec(argv);
      expect([exitCode, stderr.toString()]).toEqual([0, '']);
      const seen = async (): Promise<number[]> => {
        const { stdout } = await server.exec(['cat', '/var/log/nginx/access.log']);
        return hosts.map((_, which) => stdout.toString().split(`/${port}-${which}-`).length - 1);
      };
      await eventually(async () => (await seen()).every((count) => count >= requests));
      expect(await seen()).toEqual([requests, requests]);
    }
  });
});

/** Asks each address in turns, one request after the other on each connection, all from the same port. */
const SPEAKER = `
const { connect } = require('node:net');
const [port, requests, ...hosts] = process.argv.slice(1);
const speak = (host, which) => new Promise((resolve, reject) => {
  let count = 0;
  const socket = connect({ host, port: 80, localPort: Number(port) });
  const ask = () => socket.write('GET /' + port + '-' + which + '-' + count + ' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');
  socket.on('connect', ask).on('error', reject).on('close', resolve);
  socket.on('data', () => (++count < requests ? setTimeout(ask, 5) : socket.end()));
});
Promise.all(hosts.map(speak));
`;

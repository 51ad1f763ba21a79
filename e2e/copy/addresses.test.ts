import { describe, expect, test } from '@jest/globals';
import { defineTopology, type LabNode, type RunningLab } from '../../lab/library';
import type { Report } from '../../src/doctor/report';
import { eventually } from '../stage/eventually';
import { mirrorPort } from '../stage/mirror-port';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';

const LOG = '/tmp/addresses.log';

/** A pair of online servers. */
const pair = defineTopology({
  name: 'pair',
  description: 'An online server that is copied, and another one that stands by.',
  networks: { lan: { subnet: '198.18.10.0/24', internal: true } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.10.10' },
    online: { role: 'online', network: 'lan', address: '198.18.10.20', server: { kind: 'nginx', port: 80 } },
    standby: { role: 'online', network: 'lan', address: '198.18.10.25', server: { kind: 'nginx', port: 80 } },
    test: { role: 'test', network: 'lan', address: '198.18.10.30', server: { kind: 'nginx', port: 8080 } },
  },
  copies: [
    {
      architecture: 'traditional',
      from: 'online',
      to: 'test',
      intercept: ['--peers', '198.18.10.20,198.18.10.25'],
    },
  ],
});

const address = (lab: RunningLab, host: number): string =>
  lab.node('online').definition.address.replace(/\d+$/, String(host));

/** Ends the tcpcopy that runs on a node, if there is one. */
const stop = (node: LabNode): Promise<void> =>
  shell(node, `pkill -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.05; done; rm -f ${LOG}`);

/** In the place of the one that runs on the node; it may not send before it is armed. @param from as in `-x` */
async function copy(lab: RunningLab, name: string, from: string, ...argv: string[]): Promise<void> {
  const node = lab.node(name);
  await stop(node);
  const target = `${from}-${lab.node('test').definition.address}:8080`;
  await shell(node, `tcpcopy -x ${target} ${argv.join(' ')} -l ${LOG} -d`);
  await logged(node, '"event":"copying"');
}

/** Waits for a line of the log. */
const logged = (node: LabNode, text: string): Promise<void> =>
  eventually(async () => (await node.exec(['grep', '-qF', text, LOG])).exitCode === 0);

/** How often the test server got what the client asked of each address. */
async function arrived(lab: RunningLab, ...addresses: readonly string[]): Promise<number[]> {
  const server = lab.node('test');
  const asked = addresses.map((one, index) => `http://${one}/${Date.now()}-${index}`);
  const outputs = asked.map(() => '-o /dev/null').join(' ');
  await shell(lab.node('client'), `curl -sf -m 3 ${outputs} ${asked.join(' ')}`);
  const counts = async (): Promise<number[]> => {
    const { stdout } = await server.exec(['cat', '/var/log/nginx/access.log']);
    return asked.map((url) => stdout.toString().split(new URL(url).pathname + ' ').length - 1);
  };
  await eventually(async () => (await counts()).every((count) => count > 0));
  return counts();
}

/** The link address of a further device. */
const SECOND = '02:00:5e:10:00:01';

describe('a traditional lab', () => {
  const lab = sharedLab(pair, 'e2e-addresses');
  const host = (number: number): string => address(lab(), number);
  /** By which of its devices the online server is sent what is for the address. */
  const route = (which: string): Promise<void> =>
    shell(lab().node('client'), `ip route replace ${which}/32 via ${host(20)}`);

  test('has all addresses of its online server copied, whatever label and device they have', async () => {
    const online = lab().node('online');
    const [labelled, ofSecond, onLoopback] = [host(21), host(22), host(99)];
    await shell(online, `ip address add ${labelled}/24 dev eth0 label eth0:1`);
    await shell(online, `ip address add ${onLoopback}/32 dev lo`);
    await route(onLoopback);
    await shell(
      online,
      `ip link add link eth0 name second address ${SECOND} type macvlan mode bridge &&
       ip link set second up && ip address add ${ofSecond}/32 dev second`,
    );
    await shell(lab().node('client'), `ip neighbour replace ${ofSecond} lladdr ${SECOND} dev eth0`);
    // The tcpcopy that runs since the lab was started has not been told of these.
    const all = [host(20), labelled, ofSecond, onLoopback];
    expect(await arrived(lab(), ...all)).toEqual([1, 1, 1, 1]);
    await copy(lab(), 'online', '80', '-i', 'any', '--io', 'packages');
    expect(await arrived(lab(), ...all)).toEqual([1, 1, 1, 1]);
    await copy(lab(), 'online', '80', '-i', 'any');
    expect(await arrived(lab(), ...all)).toEqual([1, 1, 1, 1]);
  });

  test('has an address copied from its first connection on that is waited for, and forgotten when it leaves', async () => {
    const [online, client, waited] = [lab().node('online'), lab().node('client'), host(78)];
    await copy(lab(), 'online', `${waited}:80`);
    await logged(online, '"event":"waiting for address"');
    await shell(online, `ip address add ${waited}/32 dev lo`);
    await route(waited);
    expect(await arrived(lab(), waited)).toEqual([1]);
    await logged(online, `"event":"addresses came","addresses":["${waited} on lo"]`);

    await shell(online, `ip address del ${waited}/32 dev lo`);
    await logged(online, `"event":"addresses gone","addresses":["${waited} on lo"]`);
    const { exitCode } = await client.exec(['curl', '-sf', '-m', '0.3', `http://${waited}/gone`]);
    expect(exitCode).not.toBe(0);
    await eventually(async () => {
      const counters = await lab().counters('online', 'tcpcopy');
      return Number(counters?.['capture_rejected_other-destination']) > 0;
    });
  });

  test('has one port of a client that speaks to two addresses copied as two connections', async () => {
    const [client, server] = [lab().node('client'), lab().node('test')];
    await copy(lab(), 'online', '80');
    const hosts = [host(20), host(21)];
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

  test('has a pair of servers copied once, wherever their address is, though the standby hears its master', async () => {
    const [online, standby, client] = [lab().node('online'), lab().node('standby'), lab().node('client')];
    const shared = host(79);
    const stopMirror = await mirrorPort(online, standby, ['egress', 'ingress']);
    try {
      await copy(lab(), 'online', `${shared}:80`);
      await copy(lab(), 'standby', `${shared}:80`);
      await shell(online, `ip address add ${shared}/24 dev eth0`);
      expect(await arrived(lab(), shared, shared)).toEqual([1, 1]);
      await shell(online, `ip address del ${shared}/24 dev eth0`);
      await shell(standby, `ip address add ${shared}/24 dev eth0`);
      await shell(client, `ip neighbour flush to ${shared}`);
      expect(await arrived(lab(), shared, shared)).toEqual([1, 1]);
      for (const one of ['online', 'standby'])
        expect(await lab().counters(one, 'tcpcopy')).toMatchObject({ sessions_started: 1 });
    } finally {
      await stopMirror();
      await stop(standby);
    }
  });

  test('has another machine copied by what a switch mirrors, and a mirror named that brings nothing', async () => {
    const [online, standby, client] = [lab().node('online'), lab().node('standby'), lab().node('client')];
    await stop(online);
    const mirror = ['--mirror', '-i', 'eth0'];
    const from = `${host(20)}:80`;
    /** What the doctor makes of the packets that it sees. */
    const traffic = async (): Promise<string> => {
      const target = `${from}-${host(30)}:8080`;
      const { stdout } = await standby.exec(['tcpcopy', 'doctor', '-x', target, ...mirror, '--json']);
      const { diagnoses } = JSON.parse(stdout.toString()) as Report;
      const seen = diagnoses.find(({ check }) => check === 'traffic')!;
      return seen.verdict === 'wrong' ? seen.cause : seen.verdict;
    };
    await copy(lab(), 'standby', from, ...mirror);
    const busy = await client.start([
      'sh',
      '-c',
      `while :; do curl -s http://${from} >/dev/null; sleep 0.1; done`,
    ]);
    let stopMirror = (): Promise<void> => Promise.resolve();
    try {
      expect(await traffic()).toBe('mirror-silent');
      stopMirror = await mirrorPort(online, standby, ['ingress']);
      expect(await traffic()).toBe('mirror-one-way');
      await stopMirror();
      stopMirror = await mirrorPort(online, standby, ['egress', 'ingress']);
      expect(await traffic()).toBe('ok');
      expect(await arrived(lab(), host(20), host(20))).toEqual([1, 1]);
      await copy(lab(), 'standby', from, ...mirror, '--io', 'packages');
      expect(await arrived(lab(), host(20), host(20))).toEqual([1, 1]);
    } finally {
      await busy.stop();
      await stopMirror();
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

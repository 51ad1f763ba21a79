import { expect } from '@jest/globals';
import { defineTopology, type RunningLab } from '../../lab/library';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { shell, withLab } from '../stage/verify-support';

const nginx = (port: number) => ({ kind: 'nginx', port }) as const;

/** Two online servers and two test servers; the copies are set up by the tests. */
const several = defineTopology({
  name: 'several',
  description: 'Two online servers, an nginx and a Redis to copy to.',
  networks: { lan: { subnet: '198.18.60.0/24', internal: true } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.60.10' },
    'online-a': { role: 'online', network: 'lan', address: '198.18.60.20', server: nginx(80) },
    'online-b': { role: 'online', network: 'lan', address: '198.18.60.21', server: nginx(80) },
    test: { role: 'test', network: 'lan', address: '198.18.60.30', server: nginx(8080) },
    cache: { role: 'test', network: 'lan', address: '198.18.60.31', server: { kind: 'redis', port: 6379 } },
  },
  copies: [],
});

const withSeveral = (name: string, work: (lab: RunningLab) => Promise<void>): Promise<void> =>
  withLab(name, several, work);

const addressOf = (lab: RunningLab, node: string): string => lab.node(node).definition.address;

async function guard(lab: RunningLab, node: string, port: number): Promise<void> {
  const passed = `${addressOf(lab, 'online-a')},${addressOf(lab, 'online-b')}`;
  await shell(
    lab.node(node),
    `iptables -I OUTPUT -p tcp --sport ${port} -j NFQUEUE && intercept -x ${passed} -b ${addressOf(lab, node)} -d`,
  );
}

async function copy(lab: RunningLab, node: string, transfers: string): Promise<void> {
  await shell(lab.node(node), `tcpcopy -x ${transfers} -s ${addressOf(lab, node)} --metrics 9100 -d`);
  await eventually(async () => (await metric(lab, node, 'tcpcopy_armed')) === 1);
}

async function metric(lab: RunningLab, node: string, name: string): Promise<number> {
  const { stdout } = await lab.node(node).exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
  const line = stdout
    .toString()
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

/** Talks to both servers at once from the same ports, a few requests on each connection. */
const samePorts = (servers: readonly string[]): string => `
import { connect } from 'node:net';
import { once } from 'node:events';
const talk = async (host, localPort) => {
  const socket = connect({ host, port: 80, localPort });
  await once(socket, 'connect');
  for (let index = 0; index < 5; index += 1) {
    socket.write('GET /' + host + '/' + localPort + '/' + index + ' HTTP/1.1\\r\\nHost: online\\r\\n\\r\\n');
    await once(socket, 'data');
  }
  socket.end();
  await once(socket.resume(), 'close');
};
const ports = Array.from({ length: 50 }, (_, index) => 20000 + index);
await Promise.all(ports.flatMap((port) => ${JSON.stringify(servers)}.map((host) => talk(host, port))));
`;

const copying = drawing('copies of several servers', 1);

copying('clients with the same ports at two online servers are told apart at one test server', async () => {
  await withSeveral('e2e-two-online', async (lab) => {
    const to = `80-${addressOf(lab, 'test')}:8080`;
    await guard(lab, 'test', 8080);
    await copy(lab, 'online-a', to);
    await copy(lab, 'online-b', to);
    const client = lab.node('client');
    const servers = [addressOf(lab, 'online-a'), addressOf(lab, 'online-b')];
    await client.writeFile('/tmp/same-ports.mjs', samePorts(servers));
    await shell(client, '/opt/tcpcopy-lab/bin/node /tmp/same-ports.mjs');
    const requests = async (node: string): Promise<string[]> => {
      const { stdout } = await lab.node(node).exec(['cut', '-d ', '-f1', '/var/log/nginx/access.log']);
      return stdout.toString().trim().split('\n').sort();
    };
    await eventually(async () => (await requests('test')).length >= 500);
    const online = [...(await requests('online-a')), ...(await requests('online-b'))].sort();
    expect(online).toHaveLength(500);
    expect(await requests('test')).toEqual(online);
    const { stdout } = await client.exec(['ss', '-tnH']);
    expect(stdout.toString()).not.toContain(addressOf(lab, 'test'));
  });
});

copying('one online server is copied to two test servers, each with an intercept of its own', async () => {
  await withSeveral('e2e-two-test', async (lab) => {
    const online = lab.node('online-a');
    await shell(online, 'serve-redis 6379');
    await guard(lab, 'test', 8080);
    await guard(lab, 'cache', 6379);
    await copy(lab, 'online-a', `80-${addressOf(lab, 'test')}:8080,6379-${addressOf(lab, 'cache')}:6379`);
    const client = lab.node('client');
    await shell(client, 'ab -q -n 300 -c 10 http://online-a/');
    await shell(client, 'redis-benchmark -h online-a -q -n 1000 -c 10 -t set');
    const calls = async (node: string): Promise<string> => {
      const { stdout } = await lab.node(node).exec(['redis-cli', 'info', 'commandstats']);
      return /cmdstat_set:calls=\d+/.exec(stdout.toString())?.[0] ?? '';
    };
    await eventually(async () => (await calls('cache')) === 'cmdstat_set:calls=1000');
    expect(await calls('online-a')).toBe('cmdstat_set:calls=1000');
    const { stdout } = await lab.node('test').exec(['wc', '-l', '/var/log/nginx/access.log']);
    expect(stdout.toString()).toMatch(/^300 /);
  });
});

copying.play();

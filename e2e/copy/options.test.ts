import { expect, test } from '@jest/globals';
import type { LabNode, RunningLab } from '../../lab/library';
import { bucketOf } from '../../src/wire/tables/bucket';
import { parseAddress } from '../../src/wire/address/address';
import traditional from '../../topologies/traditional';
import { copyAfresh } from '../stage/copy-afresh';
import { drawing } from '../stage/drawn';
import { eventually } from '../stage/eventually';
import { shell } from '../stage/verify-support';

const afresh = copyAfresh(traditional, 'e2e-options');
const copying = (...tcpcopy: string[]): Promise<RunningLab> => afresh(() => ({ tcpcopy }));

const option = drawing('options and machines', 3);

/** Requests that a server has answered. */
async function answered(node: LabNode): Promise<number> {
  const { stdout } = await node.exec(['wc', '-l', '/var/log/nginx/access.log']);
  return Number(stdout.toString().split(' ')[0]);
}

/** Ten thousand connections, while others share the machine. */
const ARRIVED_WITHIN_MS = 60_000;

/** Resolves when the test server has answered so many and no more come. */
async function expectAtTest(lab: RunningLab, expected: number): Promise<void> {
  const node = lab.node('test');
  await eventually(async () => (await answered(node)) >= expected, ARRIVED_WITHIN_MS);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await answered(node)).toBe(expected);
}

async function counters(lab: RunningLab): Promise<Record<string, number>> {
  const { stdout } = await lab.node('online').exec(['curl', '-s', 'http://127.0.0.1:9100/metrics']);
  const samples = stdout.toString().matchAll(/^([a-z_]+(?:\{reason="[^"]*"\})?) (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, name, value]) => [name!, Number(value)]));
}

const PORTS = Array.from({ length: 1000 }, (_, index) => 20_000 + index);

/** One short connection each from these ports. */
const consecutivePorts = (server: string): string => `
import { connect } from 'node:net';
const ask = (localPort) => new Promise((resolve, reject) => {
  const socket = connect({ host: '${server}', port: 80, localPort });
  socket.on('error', reject).on('close', resolve).resume();
  socket.write('GET /from-' + localPort + ' HTTP/1.0\\r\\n\\r\\n');
});
for (let port = ${PORTS[0]}; port <= ${PORTS.at(-1)}; port += 10)
  await Promise.all(Array.from({ length: 10 }, (_, index) => ask(port + index)));
`;

option(
  '-r 20 copies the connections of a fifth of the buckets, and the kernel keeps the others away',
  async () => {
    const lab = await copying('-r', '20', '--metrics', '9100');
    const client = lab.node('client');
    const address = parseAddress(client.definition.address)!;
    const copied = PORTS.filter((port) => bucketOf(address, port) < 20).length;
    expect(Math.abs(copied - PORTS.length / 5)).toBeLessThan(PORTS.length / 100);
    await client.writeFile('/tmp/ports.mjs', consecutivePorts(lab.node('online').definition.address));
    await shell(client, '/opt/tcpcopy-lab/bin/node /tmp/ports.mjs');
    await expectAtTest(lab, copied);
    const seen = (await counters(lab))['tcpcopy_capture_frames_total']!;
    expect(seen).toBeLessThan(10 * copied);
  },
);

option('-n 10 copies 1,000 connections with consecutive ports ten times each', async () => {
  const lab = await copying('-n', '10', '--metrics', '9100');
  const client = lab.node('client');
  await client.writeFile('/tmp/ports.mjs', consecutivePorts(lab.node('online').definition.address));
  await shell(client, '/opt/tcpcopy-lab/bin/node /tmp/ports.mjs');
  await expectAtTest(lab, 10_000);
  const { stdout } = await lab
    .node('test')
    .exec([
      'sh',
      '-c',
      "cut -d' ' -f1 /var/log/nginx/access.log | sort | uniq -c | awk '{print $1}' | sort -u",
    ]);
  expect(stdout.toString().trim()).toBe('10');
  expect(await counters(lab)).toMatchObject({
    tcpcopy_sessions_started_total: 10_000,
    tcpcopy_requests_sent_total: 10_000,
  });
});

option('-c sends all copies from its own addresses, and their answers are told apart', async () => {
  const sourcesIn = ({ topology }: RunningLab): string[] =>
    [200, 201].map((host) => topology.nodes['online']!.address.replace(/\d+$/, `${host}`));
  const lab = await afresh((running) => ({ tcpcopy: ['-c', sourcesIn(running).join()] }));
  const tap = await lab
    .node('test')
    .start(['tcpdump', '-l', '-n', '-i', 'eth0', 'tcp[13] == 2 and dst port 8080']);
  await eventually(() => tap.stderr().includes('listening on'));
  await shell(lab.node('client'), 'ab -q -n 200 -c 10 http://online/');
  await expectAtTest(lab, 200);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const { stdout } = await tap.stop();
  const sources = [...stdout.toString().matchAll(/IP (\d+\.\d+\.\d+\.\d+)\.\d+ >/g)].map(
    ([, source]) => source,
  );
  expect(sources.length).toBeGreaterThan(100);
  for (const source of new Set(sources)) expect(sourcesIn(lab)).toContain(source);
});

option('a firewall of the online server does not touch copies that leave at the link layer', async () => {
  const lab = await copying('--metrics', '9100');
  await shell(lab.node('online'), 'iptables -I OUTPUT -p tcp --dport 8080 -j DROP');
  await shell(lab.node('client'), 'ab -q -n 100 -c 10 http://online/');
  await expectAtTest(lab, 100);
  expect(await counters(lab)).not.toHaveProperty(['tcpcopy_send_failed_total{reason="EPERM"}']);
});

option('-o and @mac send by that device, from and to those link addresses', async () => {
  const lab = await afresh();
  const [online, node] = [lab.node('online'), lab.node('test')];
  await shell(online, 'pkill -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.1; done');
  const { stdout } = await node.exec(['cat', '/sys/class/net/eth0/address']);
  const { address } = node.definition;
  const transfer = `80@2:0:0:0:0:7-${address}:8080@${stdout.toString().trim()}`;
  const server = online.definition.address;
  const missing = await online.exec(['tcpcopy', '-x', transfer, '-s', server, '-o', 'eth7', '-d']);
  expect([missing.exitCode, missing.stderr.toString()]).toEqual([
    1,
    expect.stringContaining('cannot send on eth7'),
  ]);
  const tap = await node.start(['tcpdump', '-l', '-n', '-e', '-i', 'eth0', 'dst port 8080']);
  await eventually(() => tap.stderr().includes('listening on'));
  await shell(online, `tcpcopy -x ${transfer} -s ${server} -o eth0 --metrics 9100 -d`);
  await eventually(async () => (await counters(lab))['tcpcopy_armed'] === 1);
  await shell(lab.node('client'), 'ab -q -n 100 -c 10 http://online/');
  await expectAtTest(lab, 100);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const frames = (await tap.stop()).stdout.toString().trim().split('\n');
  // Of each connection at least its SYN, its request and its FIN.
  expect(frames.length).toBeGreaterThanOrEqual(300);
  for (const frame of frames) expect(frame).toContain('02:00:00:00:00:07 > ');
});

option('a firewall that refuses the copy is named once, and the copy goes on when it is gone', async () => {
  const lab = await copying('--io', 'packages', '--metrics', '9100');
  const online = lab.node('online');
  const rule = 'OUTPUT -p tcp --dport 8080 -j DROP';
  await shell(online, `iptables -I ${rule}`);
  await shell(lab.node('client'), 'ab -q -n 100 -c 10 http://online/');
  await eventually(
    async () => ((await counters(lab))['tcpcopy_send_failed_total{reason="EPERM"}'] ?? 0) > 10,
  );
  await shell(online, `iptables -D ${rule}`);
  await expectAtTest(lab, 100);
  const { stdout } = await online.exec([
    'grep',
    '-c',
    'packet refused by the kernel',
    '/var/log/tcpcopy.log',
  ]);
  expect(stdout.toString().trim()).toBe('1');
});

option('a device with a smaller MTU than was thought gets smaller packets, and nothing is lost', async () => {
  const lab = await afresh();
  const online = lab.node('online');
  await shell(online, 'pkill -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.1; done');
  await shell(online, 'ip link set eth0 mtu 700');
  try {
    const copied = `-x 80-${lab.node('test').definition.address}:8080 -s ${online.definition.address}`;
    await shell(online, `tcpcopy ${copied} -M 1500 --metrics 9100 -d`);
    await eventually(async () => (await counters(lab))['tcpcopy_armed'] === 1);
    const client = lab.node('client');
    await shell(client, 'head -c 50000 /dev/urandom >/tmp/body');
    await shell(
      client,
      'for i in $(seq 5); do curl -sf --data-binary @/tmp/body http://online/mtu/$i >/dev/null; done',
    );
    await expectAtTest(lab, 5);
    expect((await counters(lab))['tcpcopy_send_failed_total{reason="EMSGSIZE"}']).toBeGreaterThan(0);
    const lengths = async (node: string): Promise<string> =>
      (
        await lab.node(node).exec(['sh', '-c', 'cut -d" " -f1,3 /var/log/nginx/access.log | sort'])
      ).stdout.toString();
    expect(await lengths('test')).toBe(await lengths('online'));
  } finally {
    await shell(online, 'ip link set eth0 mtu 1500');
  }
});

option('a device that goes down and comes back is captured on again', async () => {
  const lab = await copying('--metrics', '9100');
  const online = lab.node('online');
  await shell(online, 'ip link set eth0 down && sleep 0.2 && ip link set eth0 up');
  await eventually(
    async () => (await online.exec(['grep', '-q', 'capturing again', '/var/log/tcpcopy.log'])).exitCode === 0,
  );
  await eventually(async () => (await counters(lab))['tcpcopy_armed'] === 1);
  await shell(lab.node('client'), 'ab -q -n 100 -c 10 http://online/');
  await expectAtTest(lab, 100);
  expect((await counters(lab))['tcpcopy_capture_device_lost_total']).toBe(1);
});

option('tcpcopy gives way to the servers of its machine', async () => {
  const lab = await copying('--nice', '7');
  const { stdout } = await lab
    .node('online')
    .exec(['sh', '-c', 'cut -d" " -f19 "/proc/$(pgrep -x tcpcopy)/stat"']);
  expect(stdout.toString().trim()).toBe('7');
});

option('--coalesce has more packets handled together, and SIGHUP reads it again', async () => {
  const lab = await afresh();
  const online = lab.node('online');
  await shell(online, 'pkill -x tcpcopy; while pgrep -x tcpcopy >/dev/null; do sleep 0.1; done');
  await online.writeFile('/tmp/tcpcopy.conf', 'coalesce = 10000\n');
  const copied = `-x 80-${lab.node('test').definition.address}:8080 -s ${online.definition.address}`;
  // Who does not wait for answers is in no hurry.
  await shell(online, `tcpcopy ${copied} -W --config /tmp/tcpcopy.conf --metrics 9100 -d`);
  await eventually(async () => (await counters(lab))['tcpcopy_armed'] === 1);
  /** How many turns requests took, and how many there can be when one is put off by 10 ms. */
  const turnsOf = async (requests: number): Promise<{ turns: number; most: number }> => {
    const from_ms = performance.now();
    const before = (await counters(lab))['tcpcopy_turns_total']!;
    await shell(lab.node('client'), `ab -q -k -c 1 -n ${requests} http://online/`);
    const turns = (await counters(lab))['tcpcopy_turns_total']! - before;
    return { turns, most: (performance.now() - from_ms) / 10 + 1 };
  };
  const together = await turnsOf(3000);
  expect(together.turns).toBeLessThanOrEqual(together.most);
  await expectAtTest(lab, 3000);
  await online.writeFile('/tmp/tcpcopy.conf', 'coalesce = 0\n');
  await shell(online, 'pkill -HUP -x tcpcopy');
  await eventually(
    async () => (await online.exec(['grep', '-q', '10000 -> 0', '/var/log/tcpcopy.log'])).exitCode === 0,
  );
  // While others keep the cores busy, packets come together by themselves.
  await eventually(async () => {
    const { turns, most } = await turnsOf(1000);
    return turns > 2 * most;
  });
});

option.play();

test('a wrong option ends with status 2 and starts nothing; one without effect is named', async () => {
  const lab = await copying('-L');
  const online = lab.node('online');
  const transfer = `80-${lab.node('test').definition.address}:8080`;
  const wrong = await online.exec(['tcpcopy', '-x', transfer, '-n', '5000', '-d']);
  expect([wrong.exitCode, wrong.stderr.toString()]).toEqual([2, expect.stringContaining('-n takes')]);
  const { stdout } = await online.exec(['grep', 'option without effect', '/var/log/tcpcopy.log']);
  expect(stdout.toString()).toContain('"option":"-L"');
  expect((await online.exec(['pgrep', '-xc', 'tcpcopy'])).stdout.toString().trim()).toBe('1');
});

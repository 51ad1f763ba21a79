/** How exact response times are: of each request, against what tcpdump saw at either server. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Lab, LabNode, RunningCommand } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { shell } from '../stage/verify-support';
import { medianErrors_ms, notedTimes, responseTimes } from './responses/reading';

const NODE = '/opt/tcpcopy-lab/bin/node';
const PORT = 81;
const REQUEST_BYTES = 64;
const ANSWER_BYTES = 200;
/** Together 2,000 requests a second. */
const CONNECTIONS = 110;
const EVERY_MS = 50;
const FOR_MS = 3000;
const RATE = 2000;
const WARM_UP_MS = 1000;
/** How often the spy does. */
const SPY_WRITES_MS = 100;
/** A device of the test server by which a copy of each response leaves, for tcpdump: the response itself never does. */
const MIRROR = 'mirror';
const MEDIAN_MAX_MS = 0.2;
/** Others may be busy on this machine. */
const TRIES = 8;

const lab = sharedLab(traditional, 'e2e-responses', { bare: true });

const nodesOf = ({ node }: Lab) => ({ client: node('client'), online: node('online'), copied: node('test') });

async function install(node: LabNode, file: string): Promise<void> {
  await node.writeFile(`/tmp/${file}`, await readFile(join(import.meta.dirname, 'responses', file)));
}

async function record(node: LabNode, device: string, file: string, filter: string): Promise<RunningCommand> {
  const command = await node.start(['tcpdump', '-s', '100', '-B', '8192', '-i', device, '-w', file, filter]);
  await eventually(() => command.stderr().includes('listening on'));
  return command;
}

async function readBack(node: LabNode, file: string): Promise<string> {
  const { stdout } = await node.exec(['tcpdump', '-tt', '-nn', '-S', '-r', file]);
  return stdout.toString();
}

async function startServer(node: LabNode): Promise<void> {
  await install(node, 'server.ts');
  const command = await node.start([
    NODE,
    '/tmp/server.ts',
    `${PORT}`,
    `${REQUEST_BYTES}`,
    `${ANSWER_BYTES}`,
  ]);
  await eventually(() => command.stderr().includes('ready'));
}

async function mirrorResponses(node: LabNode, rule: string): Promise<void> {
  const next = '203.0.113.2';
  const lines = [
    `ip link add ${MIRROR} type veth peer name ${MIRROR}-end`,
    `ip addr add 203.0.113.1/30 dev ${MIRROR}`,
    `ip link set ${MIRROR} up`,
    `ip link set ${MIRROR}-end up`,
    `ip neigh add ${next} lladdr 02:00:00:00:00:99 dev ${MIRROR}`,
    `iptables -t mangle -A ${rule} ! -o ${MIRROR} -j TEE --gateway ${next}`,
    `iptables -I OUTPUT -o ${MIRROR} -j ACCEPT`,
  ];
  await shell(node, lines.join(' && '));
}

async function prepare(running: Lab): Promise<void> {
  const { client, online, copied } = nodesOf(running);
  const [from, to] = [online.definition.address, copied.definition.address];
  await Promise.all([
    install(client, 'client.ts'),
    install(online, 'spy.cjs'),
    startServer(online),
    startServer(copied),
  ]);
  const rule = `OUTPUT -p tcp --sport ${PORT}`;
  await shell(copied, `iptables -I ${rule} -j NFQUEUE`);
  await mirrorResponses(copied, rule);
  await shell(copied, `intercept -x ${from} -b ${to} -d`);
  const spied = `NODE_OPTIONS='--require /tmp/spy.cjs' tcpcopy`;
  await shell(online, `${spied} -x ${PORT}-${to}:${PORT} -s ${from} --responses -d`);
  await eventually(async () => (await running.counters('online', 'tcpcopy'))?.['armed'] === 1);
}

/** So many requests a second, all together. @returns how many there were */
async function ask(running: Lab, for_ms: number): Promise<number> {
  const { client, online } = nodesOf(running);
  const words = [online.definition.address, PORT, CONNECTIONS, EVERY_MS, for_ms, REQUEST_BYTES, ANSWER_BYTES];
  const { stdout } = await client.exec([NODE, '/tmp/client.ts', ...words.map(String)], {
    timeout_ms: 30_000,
  });
  await eventually(async () => (await running.counters('online', 'tcpcopy'))?.['sessions_open'] === 0);
  // Who asks for counters has times put in order; the spy writes them down every 100 ms.
  await sleep(3 * SPY_WRITES_MS);
  return Number(stdout.toString());
}

/** One load. @returns how many requests there were, and medians of how wrong their times are */
async function play(running: Lab) {
  const { client, online, copied } = nodesOf(running);
  await online.exec(['rm', '-f', '/tmp/times.txt']);
  const here = online.definition.address;
  const taps = await Promise.all([
    record(
      online,
      'eth0',
      '/tmp/online.pcap',
      `tcp port ${PORT} and host ${here} and host ${client.definition.address}`,
    ),
    record(copied, 'eth0', '/tmp/asked.pcap', `tcp dst port ${PORT}`),
    record(copied, MIRROR, '/tmp/answered.pcap', `tcp src port ${PORT}`),
  ]);
  const requests = await ask(running, FOR_MS);
  await Promise.all(taps.map((tap) => tap.stop()));
  const [atOnline, asked, answered, noted] = await Promise.all([
    readBack(online, '/tmp/online.pcap'),
    readBack(copied, '/tmp/asked.pcap'),
    readBack(copied, '/tmp/answered.pcap'),
    online.readFile('/tmp/times.txt').then(String),
  ]);
  return {
    requests,
    online: medianErrors_ms(notedTimes(noted, 'online'), responseTimes([atOnline], PORT, ANSWER_BYTES)),
    test: medianErrors_ms(notedTimes(noted, 'test'), responseTimes([asked, answered], PORT, ANSWER_BYTES)),
  };
}

test('with --responses half of all times are right to 0.2 ms at 2,000 requests a second, at both servers', async () => {
  await prepare(lab());
  // Programs that have just begun are slower than they will be.
  await ask(lab(), WARM_UP_MS);
  const errors: object[] = [];
  for (let turn = 1; turn <= TRIES; turn += 1) {
    const { requests, online, test: copied } = await play(lab());
    errors.push({ requests, online, copied });
    const worst_ms = Math.max(...Object.values(online), ...Object.values(copied));
    if (worst_ms < MEDIAN_MAX_MS && requests > (RATE * FOR_MS) / 1000) {
      const { stdout } = await lab()
        .node('online')
        .exec(['grep', '-c', 'online server', '/var/log/tcpcopy.log']);
      expect(Number(stdout.toString())).toBeGreaterThan(0);
      return;
    }
  }
  throw new Error(`medians of errors, in ms: ${JSON.stringify(errors)}`);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabNode, Topology } from '../../lab/library';
import traditional from '../../topologies/traditional';
import { eventually } from '../stage/eventually';
import { sharedLab } from '../stage/shared-lab';
import { EXACT_MS, verify } from '../stage/verify-support';

const lab = sharedLab(traditional, 'e2e-changes');

const SENT = 4_000;
const PORT = 7_777;
const SEND = `const [host, port, count] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
const send = (left) => (left > 0 ? socket.send('x', port, host, () => send(left - 1)) : socket.close());
send(Number(count));`;

async function said(node: LabNode, ...argv: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await node.exec(argv);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}

/**
 * Of so many datagrams, how many came to the online server's device, and how many of those its kernel never let in. A busy
 * machine may lose some on their way there, which are none of the network's.
 */
async function passed(count: number): Promise<{ came: number; lost: number }> {
  const [client, online] = [lab().node('client'), lab().node('online')];
  const datagrams = `-p udp --dport ${PORT}`;
  const rules = (option: string): Promise<string> =>
    said(
      online,
      'sh',
      '-ec',
      `iptables -w -t raw ${option} PREROUTING ${datagrams}; iptables -w ${option} INPUT ${datagrams}`,
    );
  const counted = async (): Promise<number[]> => {
    const came = 'iptables -w -t raw -nvxL PREROUTING';
    const counters = await said(online, 'sh', '-ec', `${came}; iptables -w -nvxL INPUT; ${came}`);
    return [...counters.matchAll(/^\s*(\d+) .*udp dpt:7777/gm)].map(([, number]) => Number(number));
  };
  await rules('-A');
  const argv = ['-e', SEND, online.definition.address, String(PORT), String(count)];
  await said(client, '/opt/tcpcopy-lab/bin/node', ...argv);
  let [came, letIn, since] = [0, 0, 0];
  await eventually(async () => {
    const before = came;
    [came, letIn, since] = (await counted()) as [number, number, number];
    return came === since && (came === count || came === before);
  });
  await rules('-D');
  return { came, lost: came - letIn };
}

/** What one answer of 10 MB comes with. */
async function megabitsPerSecond(): Promise<number> {
  const url = 'http://online/bytes/10m';
  const speed = await said(
    lab().node('client'),
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{speed_download}',
    url,
  );
  return (Number(speed) * 8) / 1e6;
}

const statusLinks = async () => (await lab().status()).links;

test('a network loses the share that it is told to, and nothing once it is restored', async () => {
  await lab().link('lan', { loss: 5, seed: 7 });
  expect(await statusLinks()).toContainEqual({
    network: 'lan',
    node: 'online',
    impaired: '--loss 5 --seed 7',
  });
  const { came, lost } = await passed(SENT);
  expect(came).toBeGreaterThan(SENT / 2);
  expect(Math.abs(lost - came * 0.05)).toBeLessThan(10);
  await lab().link('lan');
  expect(await statusLinks()).toEqual([]);
  expect((await passed(SENT)).lost).toBe(0);
});

test('a network carries no more than its rate, and all that it can once it is restored', async () => {
  await lab().link('lan', { rate_mbit: 80 });
  // Never more, and less only where the machine is busy.
  await eventually(async () => {
    const limited = await megabitsPerSecond();
    expect(limited).toBeLessThan(88);
    return limited > 60;
  });
  await lab().link('lan');
  await eventually(async () => (await megabitsPerSecond()) > 160);
});

/** Sends datagrams that come back, and prints the time of each in ms, and how many came before one that was sent earlier. */
const ECHO = `const socket = require('dgram').createSocket('udp4');
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
socket.bind(${PORT}, () => console.log('listens'));`;
const ASK = `const [host, count] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
const [times, order] = [[], []];
const now = () => Number(process.hrtime.bigint()) / 1e6;
const sent = [];
socket.on('message', (bytes) => {
  const number = bytes.readUInt32BE();
  times.push(now() - sent[number]);
  order.push(number);
  if (order.length === Number(count)) end();
});
function end() {
  const overtaken = order.filter((number, at) => at > 0 && number < order[at - 1]).length;
  console.log(JSON.stringify({ times, overtaken }));
  process.exit();
}
socket.bind(() => {
  let number = 0;
  const timer = setInterval(() => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    sent[number] = now();
    socket.send(bytes, ${PORT}, host);
    number += 1;
    if (number === Number(count)) clearInterval(timer);
  }, 2);
});
setTimeout(end, 30_000);`;

/** There and back again, in ms, in order; and how many were overtaken. */
async function echoed(count: number): Promise<{ times: number[]; overtaken: number }> {
  const [client, online] = [lab().node('client'), lab().node('online')];
  const answers = JSON.parse(
    await said(client, '/opt/tcpcopy-lab/bin/node', '-e', ASK, online.definition.address, String(count)),
  ) as { times: number[]; overtaken: number };
  return { ...answers, times: answers.times.toSorted((a, b) => a - b) };
}

describe('a network that delays', () => {
  let stop: (() => Promise<unknown>) | undefined;
  beforeAll(async () => {
    const online = lab().node('online');
    await said(
      online,
      'sh',
      '-c',
      `/opt/tcpcopy-lab/bin/node -e "$0" >/dev/null 2>&1 & echo $! >/run/echo`,
      ECHO,
    );
    stop = () => online.exec(['sh', '-c', 'kill "$(cat /run/echo)"']);
    const listens = ['sh', '-c', `ss -lunH sport = :${PORT} | grep -q .`];
    await eventually(async () => (await online.exec(listens)).exitCode === 0);
  });
  afterAll(() => stop?.());

  test('delays what comes to each node by its time, and lets none overtake', async () => {
    await lab().link('lan', { delay_ms: 20 });
    expect(await statusLinks()).toContainEqual(expect.objectContaining({ impaired: '--delay-ms 20' }));
    await eventually(async () => {
      const { times, overtaken } = await echoed(300);
      expect([times.length, overtaken]).toEqual([300, 0]);
      expect(times[0]).toBeGreaterThan(40);
      // Where a machine is busy, programs are late as well.
      return times[150]! < 43;
    });
  });

  test('lets a share overtake, which the seed says', async () => {
    await lab().link('lan', { delay_ms: 20, reorder: 10, seed: 7 });
    const { times, overtaken } = await echoed(500);
    expect(times).toHaveLength(500);
    expect(overtaken).toBeGreaterThan(30);
    expect(overtaken).toBeLessThan(150);
  });

  test('carries the copy, exact', async () => {
    await lab().link('lan', { delay_ms: 5, reorder: 5, loss: 1 });
    const verification = await verify(lab(), {}, { requests: 200, patience_ms: EXACT_MS });
    expect(verification.reasons).toEqual([]);
  });

  test('lets nothing in where what holds the packets has ended, says so, and is restored', async () => {
    const online = lab().node('online');
    await lab().link('lan', { delay_ms: 5 });
    const { exitCode } = await online.exec(['pkill', '-x', 'lab-delay']);
    const isOurs = exitCode === 0;
    if (isOurs) {
      const asked = await lab().node('client').exec(['curl', '-s', '-m', '1', 'http://online/']);
      expect(asked.exitCode).toBe(28);
      const ended = expect.stringContaining('lab-delay has ended: nothing comes in');
      expect(await statusLinks()).toContainEqual({ network: 'lan', node: 'online', impaired: ended });
    }
    await lab().link('lan');
    expect(await statusLinks()).toEqual([]);
    await eventually(async () => (await echoed(100)).times[50]! < 5);
  });
});

test('a copy stays exact over a network that loses some of it', async () => {
  await lab().link('lan', { loss: 1, rate_mbit: 100 });
  const verification = await verify(lab(), {}, { requests: 200, patience_ms: EXACT_MS });
  await lab().link('lan');
  expect(verification.reasons).toEqual([]);
});

describe('lab apply', () => {
  const program = join(import.meta.dirname, '../../bin/lab');

  async function applied(change: (topology: Topology) => object) {
    const file = join(folder, 'changed.json');
    await writeFile(file, JSON.stringify(change(structuredClone(lab().topology))));
    return execa(program, ['apply', file, '--name', lab().name], { reject: false });
  }

  const started = (): Promise<string> =>
    said(lab().node('test'), 'sh', '-c', 'cut -d" " -f22 "/proc/$(pgrep -xo intercept)/stat"');

  let original: Topology;
  let folder: string;
  beforeAll(async () => {
    original = lab().topology;
    folder = await mkdtemp(join(tmpdir(), 'lab-apply-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** On the lab's network, wherever that is. */
  const at = (host: number): string => lab().topology.nodes['online']!.address.replace(/\d+$/, String(host));
  const withClient = (topology: Topology): Topology => ({
    ...topology,
    nodes: { ...topology.nodes, 'client-b': { role: 'client', network: 'lan', address: at(11) } },
    links: { lan: { loss: 1 } },
  });

  test('adds a node and a link, tells the difference first, and leaves the copy as it runs', async () => {
    const before = await started();
    const changed = withClient(lab().topology);
    const added = `+ node client-b (client, ${at(11)})`;
    expect(await lab().apply(changed, { dryRun: true })).toContain(added);
    expect(() => lab().node('client-b')).toThrow('no node named client-b');
    expect(await lab().apply(changed)).toContain(added);
    expect(await said(lab().node('client-b'), 'curl', '-s', 'http://online/applied')).toBe('ok\n');
    expect(await said(lab().node('online'), 'lab-link', at(20))).toBe('--loss 1 --seed 1\n');
    expect(await said(lab().node('test'), 'grep', 'client-b', '/etc/hosts')).toContain(at(11));
    expect(await started()).toBe(before);
  });

  test('makes everything as it was where a change fails', async () => {
    const { exitCode, stderr } = await applied((topology) => ({
      ...topology,
      copies: topology.copies.map((copy) => ({ ...copy, intercept: ['--no-such-option'] })),
    }));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('everything is made as it was');
    const status = await lab().status();
    expect(status.nodes).toHaveLength(4);
    expect(status.checks.filter(({ passed }) => !passed)).toEqual([]);
  });

  test('takes a node and a link away again', async () => {
    const { exitCode, stdout } = await applied(() => original);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`- node client-b (client, ${at(11)})`);
    const status = await lab().status();
    expect([status.nodes.length, status.links]).toEqual([3, []]);
  });
});

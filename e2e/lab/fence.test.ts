import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { defineTopology, type Verification } from '../../lab/library';
import { isPrintedWithin } from '../docs/printed';
import { readPage } from '../docs/readme-commands';
import { sharedLab } from '../stage/shared-lab';
import { expectReasons, messageOf, verify } from '../stage/verify-support';

const NAME = 'e2e-fence';
const PORT = 8000;
/** At this host's own address on another network. */
const OUTSIDE_PORT = 9999;

const shop = { build: './shop', port: PORT, ready: { tcp: PORT } } as const;
const file = defineTopology({
  name: NAME,
  description: 'A shop whose orders make it call others.',
  networks: { lan: { subnet: '198.18.52.0/24', internal: true } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.52.10' },
    online: { role: 'online', network: 'lan', address: '198.18.52.20', server: shop },
    test: { role: 'test', network: 'lan', address: '198.18.52.30', server: shop },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  outside: {
    'bank.example': { server: { build: './bank', port: PORT, ready: { tcp: PORT } } },
    'telemetry.example': 'allowed',
  },
  load: { run: ['sh', '/tmp/orders'], node: 'client' },
});
const lab = sharedLab(file, NAME, { folder: join(import.meta.dirname, 'fence') });

/** Verifies the lab with a load of these orders, one after the other. */
async function ordered(...words: readonly string[]): Promise<Verification> {
  const lines = words.map((word) => `curl -sS http://online:${PORT}/${word}`);
  await lab().node('client').writeFile('/tmp/orders', lines.join('\n'));
  return verify(lab());
}

test('calls of copied orders are told with name, address and port; nothing of them leaves', async () => {
  const heard: (string | undefined)[] = [];
  const outside = createServer((socket) => heard.push(socket.remoteAddress)).listen(OUTSIDE_PORT);
  const orders = ['name', 'address', 'bridge', 'udp', 'resolver', 'online', 'same', 'known'] as const;
  const verification = await ordered(...orders);
  outside.close();
  const from = 'server of test';
  const online = lab().topology.nodes['online']!.address;
  const calls = [
    { from, name: 'payments.example', address: expect.any(String), port: 443, protocol: 'tcp', times: 1 },
    { from, address: '203.0.113.77', port: 8443, protocol: 'tcp', times: 1 },
    { from, address: '172.17.0.1', port: OUTSIDE_PORT, protocol: 'tcp', times: 1 },
    { from, address: '203.0.113.78', port: 5000, protocol: 'udp', times: 1 },
    { from, address: '8.8.8.8', port: 53, protocol: 'udp', times: 1 },
    { from, name: 'metrics.example', times: 1 },
    { from, name: 'online', address: online, port: 5432, protocol: 'tcp', times: 1 },
    { from, name: 'online', address: online, port: PORT, protocol: 'tcp', times: 1 },
  ];
  expect(verification.outside).toEqual(expect.arrayContaining(calls));
  expect(verification.outside).toHaveLength(calls.length);
  expectReasons(verification, ['outside-called']);
  // Five of them, in the order in which they were seen.
  const said = messageOf(verification, 'outside-called');
  const named = calls.filter(({ name, address }) => said.includes(name ?? address));
  expect(named.length).toBeGreaterThanOrEqual(5);
  expect(verification.leaks.frames).toBe(0);
  // The online server says the same, and what it says is not kept in: whoever listens here would have heard the test side.
  expect(heard.map((address) => address?.replace('::ffff:', ''))).not.toContain(
    lab().topology.nodes['test']!.address,
  );
  const { stdout } = await execa('./bin/lab', ['status', '--name', NAME]);
  for (const page of ['docs/services.md', 'docs/services.zh-CN.md'])
    for (const { shown } of readPage(readFileSync(page, 'utf8')).outputs)
      expect(isPrintedWithin(shown, stdout) ? shown : stdout).toBe(shown);
});

test('who answers for somebody outside is spoken to, and fenced in as well', async () => {
  const verification = await ordered('bank');
  expectReasons(verification, ['outside-called']);
  expect(verification.outside).toEqual([
    expect.objectContaining({ from: 'bank.example of test', name: 'headquarters.example', port: 443 }),
  ]);
  const answer = await lab().node('test').exec(['curl', '-sS', 'http://bank.example:8000/']);
  expect(answer.stdout.toString()).toBe('paid\n');
});

test('an order that calls nobody, or whom the topology allows, is silent', async () => {
  const verification = await ordered('known', 'nothing');
  expect(verification).toMatchObject({ verdict: 'pass', outside: [] });
});

test('a fence that does not stand is found, and what then gets out is a leak', async () => {
  await lab().node('test').exec(['iptables', '-F', 'LAB_FENCE']);
  const verification = await ordered('online');
  expectReasons(verification, ['fence-missing', 'leak']);
  expect(messageOf(verification, 'fence-missing')).toContain('calls are not refused');
  expect(verification.leaks.names).toContain('outside-call');
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveTopology } from '../../../lab/services/resolve';
import type { TopologyError } from '../../../lab/topology/faults';
import type { ServiceServer } from '../../../lab/topology/servers/services';
import { parseTopology } from '../../../lab/topology/rules/validate';
import { insideOf } from '../../../lab/plan/fence';
import { planFor } from '../../../lab/plan/plan';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outside-'));
  mkdirSync(join(folder, 'bank'));
  writeFileSync(join(folder, 'bank/Dockerfile'), 'FROM scratch\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const image = { image: 'shop', port: 8000, ready: { tcp: 8000 } };
const bank = { server: { build: './bank', port: 443, ready: { tcp: 443 } } };

const written = (outside: object, server: object = image) => ({
  name: 'shop',
  description: 'A shop.',
  networks: { lan: { subnet: '198.18.10.0/24', internal: true } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.10.10' },
    online: { role: 'online', network: 'lan', address: '198.18.10.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.10.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  outside,
});

const resolved = (outside: object, server?: object) =>
  resolveTopology(parseTopology(written(outside, server), 'shop'), folder, 'shop');

test('what a topology says besides servers and loads is kept as it stands', () => {
  const file = parseTopology({ ...written({ 'a.example': 'allowed' }), links: { lan: { loss: 1 } } }, 'shop');
  const { links, outside, copies } = resolveTopology(file, folder, 'shop');
  expect({ links, outside, copies }).toEqual({
    links: { lan: { loss: 1 } },
    outside: { 'a.example': 'allowed' },
    copies: file.copies,
  });
});

function faultsOf(outside: object, server?: object): string[] {
  try {
    resolved(outside, server);
  } catch (error) {
    return (error as TopologyError).faults.map(({ place, message }) => `${place}: ${message}`);
  }
  return [];
}

test('who answers for somebody outside stands beside both servers, which wait for it', () => {
  const topology = resolved({ 'bank.example': bank, 'telemetry.example': 'allowed' });
  for (const node of ['online', 'test']) {
    const { beside } = topology.nodes[node]!.server as ServiceServer;
    expect(beside!.services['bank.example']!.serves).toMatchObject({ port: 443 });
    expect(beside!.needs).toEqual({ 'bank.example': 'started' });
  }
  expect(topology.outside).toEqual({ 'telemetry.example': 'allowed' });
  const needs = (id: string) => planFor(topology).steps.find((step) => step.id === id)!.needs;
  expect(needs('service:test:bank.example')).toEqual([
    'network:test-beside',
    'fence:test/bank.example',
    'join:test',
  ]);
  expect(needs('service:online:bank.example')).toEqual(['network:online-beside', 'join:online']);
});

test('inside are the test nodes and what stands beside them; others only where they are allowed', () => {
  const [test, online] = ['198.18.10.30', '198.18.10.20'] as const;
  expect(insideOf(resolved({}), 'test')).toEqual([test]);
  expect(insideOf(resolved({ online: 'allowed' }), 'test')).toEqual([online, test]);
  expect(insideOf(resolved({ [online]: 'allowed' }), 'test')).toEqual([online, test]);
  expect(insideOf(resolved({ 'bank.example': bank }), 'test')).toEqual(['198.19.0.32/27', test]);
});

test.each<[string, object, string]>([
  [
    'a word that is none',
    { 'bank.example': 'refused' },
    'outside.bank.example: it has none of allowed, server',
  ],
  [
    'an answer that is no server',
    { 'bank.example': {} },
    'outside.bank.example: it has none of allowed, server',
  ],
  [
    'a server of the lab’s own',
    { 'bank.example': { server: { kind: 'nginx', port: 80 } } },
    'outside.bank.example.server: it has none of image, build',
  ],
  [
    'a folder that is not there',
    { 'bank.example': { server: { ...bank.server, build: './none' } } },
    `outside.bank.example.server.build: there is no folder`,
  ],
])('%s is refused', (_what, outside, fault) => {
  expect(faultsOf(outside)[0]).toContain(fault);
});

test('where no service of the user’s is on the test side, there is nothing to be said of calls', () => {
  expect(faultsOf({ 'bank.example': 'allowed' }, { kind: 'nginx', port: 80 })).toEqual([
    'outside: no test node has a service of yours, whose calls could be answered or allowed',
  ]);
});

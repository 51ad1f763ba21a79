import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOutKeys, readKeys } from '../../../lab/services/compose-form';
import { resolveTopology } from '../../../lab/services/resolve';
import type { TopologyError } from '../../../lab/topology/faults';
import { parseSubnet } from '../../../lab/topology/addresses';
import { relocate } from '../../../lab/topology/relocate';
import type { ServiceServer } from '../../../lab/topology/servers/services';
import { parseTopology } from '../../../lab/topology/rules/validate';
import { planFor } from '../../../lab/plan/plan';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'compose-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const composed = (service = 'web') => ({
  compose: './compose.yml',
  service,
  port: 8000,
  ready: { tcp: 8000 },
});
const written = (server: object = composed()) => ({
  name: 'shop',
  description: 'A shop.',
  networks: { lan: { subnet: '198.18.10.0/24', internal: true } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '198.18.10.10' },
    online: { role: 'online', network: 'lan', address: '198.18.10.20', server },
    test: { role: 'test', network: 'lan', address: '198.18.10.30', server },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
});

const resolved = (compose: string, server?: object) => {
  writeFileSync(join(folder, 'compose.yml'), compose);
  return resolveTopology(parseTopology(written(server), 'shop'), folder, 'shop');
};
const serverOf = (compose: string, server?: object) =>
  resolved(compose, server).nodes['test']!.server as ServiceServer;

function faultsOf(compose: string, server?: object): string[] {
  try {
    resolved(compose, server);
  } catch (error) {
    return (error as TopologyError).faults.map(
      ({ place, message }) => `${place.replace(`${folder}/`, '')}: ${message}`,
    );
  }
  return [];
}

const SHOP = `
services:
  web:
    image: shop
    command: serve --title "My shop" \${MODE:-quick}
    environment: { DATABASE: db, PORT: 8000 }
    depends_on: { db: { condition: service_healthy }, seed: { condition: service_completed_successfully } }
    deploy: { resources: { limits: { memory: 64m, cpus: '0.5' } } }
    ports: ['80:8000']
  db: &db
    image: database:1
    healthcheck: { test: ready, interval: 1m30s }
    volumes: ['data:/var/lib/data', './compose.yml:/etc/shop.yml:ro']
  seed:
    <<: *db
    volumes: []
    depends_on: [db]
  unused:
    image: other
    network_mode: host
volumes: { data: {} }
`;

test('a service is read with what it depends on, in the order of the starting', () => {
  const { name, container, beside } = serverOf(SHOP);
  expect(name).toBe('web');
  expect(container).toMatchObject({
    from: { kind: 'image', image: 'shop' },
    command: ['serve', '--title', 'My shop', 'quick'],
    env: { DATABASE: 'db', PORT: '8000' },
    limits: { memory_mb: 64, cpus: 0.5 },
  });
  expect(beside!.needs).toEqual({ db: 'healthy', seed: 'completed' });
  expect(Object.keys(beside!.services)).toEqual(['db', 'seed']);
  expect(beside!.services['db']!.container).toMatchObject({
    health: { test: ['CMD-SHELL', 'ready'], interval_ms: 90_000 },
    files: { '/etc/shop.yml': join(folder, 'compose.yml') },
    volumes: ['/var/lib/data'],
  });
});

test('each side has a network of its own, on which nobody else stands', () => {
  const { networks, nodes } = resolved(SHOP);
  const sides = ['online', 'test'].map((node) => (nodes[node]!.server as ServiceServer).beside!);
  expect(sides.map(({ network }) => network)).toEqual(['online-beside', 'test-beside']);
  expect(sides.map(({ network }) => networks[network])).toEqual([
    { subnet: '198.19.0.0/27', internal: true },
    { subnet: '198.19.0.32/27', internal: true },
  ]);
  const addresses = sides.flatMap(({ address, services }) => [
    address,
    ...Object.values(services).map((one) => one.address),
  ]);
  expect(new Set(addresses).size).toBe(6);
});

test('what stands beside a server moves with its network', () => {
  const moved = relocate(resolved(SHOP), 'test-beside', parseSubnet('198.18.100.64/27')!);
  const { beside } = moved.nodes['test']!.server as ServiceServer;
  expect(beside!.address).toBe('198.18.100.66');
  expect(beside!.services['seed']!.address).toBe('198.18.100.68');
  expect(moved.nodes['online']).toEqual(resolved(SHOP).nodes['online']);
});

test('the plan starts what is needed first, and the guard behind the server that it would catch', () => {
  const { steps } = planFor(resolved(SHOP));
  const needs = (id: string) => steps.find((step) => step.id === id)!.needs;
  expect(needs('service:online:seed')).toEqual(['network:online-beside', 'service:online:db']);
  expect(needs('server:online')).toEqual([
    'node:online',
    'join:online',
    'service:online:db',
    'service:online:seed',
  ]);
  expect(needs('guard:test')).toContain('server:test');
});

test('on the test side a fence stands before each service starts', () => {
  const { steps } = planFor(resolved(SHOP));
  const needs = (id: string) => steps.find((step) => step.id === id)!.needs;
  expect(needs('server:test')).toContain('fence:test');
  expect(needs('service:test:seed')).toContain('fence:test/seed');
  expect(needs('fence:test/seed')).toEqual(['holder:test/seed']);
  expect(steps.filter(({ id }) => id.startsWith('fence:')).map(({ id }) => id)).toEqual([
    'fence:test',
    'fence:test/db',
    'fence:test/seed',
  ]);
});

test('every key that is not supported is named with its place, of needed services only', () => {
  const compose = `
networks: { back: {} }
services:
  web: { image: shop, privileged: true, depends_on: [db], build: { context: ., ssh: default } }
  db: { image: database, cap_add: [NET_ADMIN], deploy: { replicas: 2 } }
  unused: { secrets: [a] }
`;
  expect(faultsOf(compose)).toEqual([
    'compose.yml networks: this key is not supported',
    'compose.yml services.web.build.ssh: this key is not supported',
    'compose.yml services.web.privileged: this key is not supported',
  ]);
  expect(
    faultsOf(compose.replace(', build: { context: ., ssh: default }', '').replace('privileged: true, ', '')),
  ).toEqual([
    'compose.yml networks: this key is not supported',
    'compose.yml services.db.deploy.replicas: this key is not supported',
    'compose.yml services.db.cap_add: this key is not supported',
  ]);
});

test.each([
  ['a service that is not there', 'services: { api: { image: a } }', 'compose.yml: there is no service web'],
  [
    'services that wait for each other',
    'services: { web: { image: a, depends_on: [db] }, db: { image: b, depends_on: [web] } }',
    'compose.yml: services wait for each other: web needs db needs web',
  ],
  [
    'a variable that is not set',
    'services: { web: { image: "shop:${NOT_SET_ANYWHERE}" } }',
    'compose.yml services.web.image: NOT_SET_ANYWHERE is not set',
  ],
  [
    'a folder that both sides would write to',
    'services: { web: { image: a, volumes: ["./data:/data"] } }',
    'compose.yml services.web.volumes.0: ./data can be written, and online and test would share it',
  ],
  [
    'a volume that two services share',
    'services: { web: { image: a, volumes: ["v:/a"], depends_on: [db] }, db: { image: b, volumes: ["v:/b"] } }\nvolumes: { v: }',
    'compose.yml services.web.volumes: volume v is mounted by db already',
  ],
  [
    'a service with the name of a node',
    'services: { web: { image: a, depends_on: [client] }, client: { image: b } }',
    'nodes.client: a service beside online has this name as well',
  ],
  ['YAML that is none', 'services: { web: [', 'compose.yml: Flow sequence in block collection must be'],
])('%s is refused', (_what, compose, fault) => {
  expect(faultsOf(compose)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
});

test('a Compose file, a folder and a file that are not there are named', () => {
  expect(faultsOf('', { ...composed(), compose: './nowhere.yml' })).toEqual([
    expect.stringMatching(/^nodes.online.server.compose: there is no .*nowhere.yml$/),
    expect.stringMatching(/^nodes.test.server.compose: /),
  ]);
  const build = { build: './nowhere', port: 80, ready: { tcp: 80 }, files: { '/etc/a': './a' } };
  expect(faultsOf('', build).slice(0, 2)).toEqual([
    expect.stringMatching(/^nodes.online.server.build: there is no folder .*nowhere$/),
    expect.stringMatching(/^nodes.online.server.files.\/etc\/a: there is no .*a$/),
  ]);
});

test.each(['docs/services.md', 'docs/services.zh-CN.md'])(
  '%s has the keys that are read, and those that change nothing',
  (page) => {
    const text = readFileSync(join(import.meta.dirname, '../../..', page), 'utf8');
    const rows = text.split('\n').filter((line) => /^\| (is read|会读|changes nothing|在实验里)/.test(line));
    const keys = rows.map((row) =>
      [...row.replace(/[(（][^)）]*[)）]/g, '').matchAll(/`([a-z_]+)`/g)].map(([, key]) => key!),
    );
    expect(keys.map((row) => row.toSorted())).toEqual([readKeys.toSorted(), leftOutKeys.toSorted()]);
  },
);

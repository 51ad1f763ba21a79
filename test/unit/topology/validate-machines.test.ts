import { TopologyError, type TopologyFault } from '../../../lab/topology/faults';
import { parseTopology } from '../../../lab/topology/rules/validate';

const on = { ssh: 'ops@shop-test', device: 'ens3' };
const server = { kind: 'present', port: 8080, protocol: 'http' };

/** Merged into a sound topology, whose test server is a machine. */
interface Change {
  readonly lan?: object;
  readonly client?: object;
  readonly online?: object;
  readonly test?: object;
  readonly links?: object;
}

const topology = ({ lan, client, online, test, links }: Change = {}) => ({
  name: 'shop',
  description: 'A test server that is there already.',
  networks: { lan: { subnet: '10.20.0.0/24', internal: false, device: 'eth1', ...lan } },
  nodes: {
    client: { role: 'client', network: 'lan', address: '10.20.0.10', ...client },
    online: {
      ...{ role: 'online', network: 'lan', address: '10.20.0.20' },
      server: { kind: 'nginx', port: 80 },
      ...online,
    },
    test: { role: 'test', network: 'lan', address: '10.20.0.30', on, server, ...test },
  },
  copies: [{ architecture: 'traditional', from: 'online', to: 'test' }],
  ...(links && { links }),
});

function faultsOf(change: Change): readonly TopologyFault[] {
  try {
    parseTopology(topology(change), 'shop');
    return [];
  } catch (error) {
    if (error instanceof TopologyError) return error.faults;
    throw error;
  }
}

test('a machine is a node by its address on its own network, outside of what labs keep to', () => {
  expect(parseTopology(topology(), 'shop')).toEqual(topology());
});

const cases: [string, Change, string, RegExp][] = [
  ['a machine as a client', { client: { on } }, 'nodes.client.on', /a client is a container/],
  [
    'two nodes on one machine',
    { online: { on, server: { ...server, port: 80 } } },
    'nodes.test.on.ssh',
    /ops@shop-test is node online already/,
  ],
  [
    'a server that the lab would have to start',
    { test: { server: { kind: 'nginx', port: 8080 } } },
    'nodes.test.server',
    /starts no server on a machine/,
  ],
  ['a present server in a container', { online: { server } }, 'nodes.online.server', /nothing runs already/],
  [
    'a protocol of a server that has its own',
    { online: { server: { kind: 'nginx', port: 80, protocol: 'http' } } },
    'nodes.online.server.protocol',
    /nginx speaks what it speaks/,
  ],
  ['an internal network with a device', { lan: { internal: true } }, 'networks.lan.internal', /eth1/],
  [
    'IPv6 on it',
    { test: { address6: '2001:2:0:10::30' } },
    'nodes.test.address6',
    /one IPv4 address|no IPv6/,
  ],
  ['impairments of it', { links: { lan: { loss: 1 } } }, 'links.lan', /impairs no network of machines/],
  ['a way without a device', { test: { on: { ssh: 'ops@host' } } }, 'nodes.test.on.device', /./],
  [
    'a way that ssh would take as an option',
    { test: { on: { ...on, ssh: '-oProxyCommand=x' } } },
    'nodes.test.on.ssh',
    /./,
  ],
];

test.each(cases)('%s is refused at its place, with a mend', (_what, change, place, message) => {
  const fault = faultsOf(change).find((one) => one.place === place);
  expect(fault?.message).toMatch(message);
  expect(fault?.mend).toMatch(/\w/);
});

test('a network without a device is within the engine’s machine: no machine is on it, and it has the addresses of labs', () => {
  const faults = faultsOf({ lan: { device: undefined } });
  expect(faults.map(({ place }) => place)).toEqual(
    expect.arrayContaining(['networks.lan.subnet', 'networks.lan.internal', 'nodes.test.network']),
  );
});

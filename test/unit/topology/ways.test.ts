import { firstHop, routedNetworks, wayTo } from '../../../lab/topology/ways';
import type { Topology, TopologyNode } from '../../../lab/topology/types';

const on = (role: TopologyNode['role'], at: Record<string, string>): TopologyNode => {
  const [[network, address], ...further] = Object.entries(at) as [[string, string], ...[string, string][]];
  return { role, network, address, networks: Object.fromEntries(further) };
};

const networks = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'alone'].map((name, index) => [
    name,
    { subnet: `198.18.${index}.0/24`, internal: true },
  ]),
);

/** a - one - b - two - c - three - d; the nodes online and client are on two networks, and let nothing on. */
const topology: Topology = {
  name: 'chain',
  description: 'Routers in a row.',
  networks,
  nodes: {
    client: on('client', { a: '198.18.0.10', d: '198.18.3.10' }),
    one: on('router', { a: '198.18.0.2', b: '198.18.1.2' }),
    two: on('router', { b: '198.18.1.3', c: '198.18.2.3' }),
    three: on('router', { c: '198.18.2.4', d: '198.18.3.4' }),
    online: on('online', { c: '198.18.2.20', alone: '198.18.4.20' }),
    test: on('test', { d: '198.18.3.30' }),
  },
  copies: [],
};

test('the way is that of the fewest routers, each by its address on the network where packets come to it', () => {
  expect(wayTo(topology, 'client', 'd')).toEqual([]);
  expect(wayTo(topology, 'client', 'c')).toEqual([{ router: 'three', gateway: '198.18.3.4' }]);
  expect(wayTo(topology, 'one', 'd')).toEqual([
    { router: 'two', gateway: '198.18.1.3' },
    { router: 'three', gateway: '198.18.2.4' },
  ]);
});

test('there is none through a node that is no router', () => {
  expect(wayTo(topology, 'client', 'alone')).toBeUndefined();
  expect(routedNetworks(topology)).toEqual(['a', 'b', 'c', 'd']);
});

test('the first hop is a router, or the node itself where both are on a network', () => {
  expect(firstHop(topology, 'test', 'online')).toEqual({ router: 'three', gateway: '198.18.3.4' });
  expect(firstHop(topology, 'online', 'three')).toEqual({ router: 'three', gateway: '198.18.2.4' });
});

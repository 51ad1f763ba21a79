import { parseSubnet } from '../../../lab/topology/addresses';
import { relocate } from '../../../lab/topology/relocate';
import { parseTopology, validateTopology } from '../../../lab/topology/rules/validate';
import type { AnyTopology, Topology, TopologyNode } from '../../../lab/topology/types';
import dualStack from '../../../topologies/dual-stack';
import ipv6 from '../../../topologies/traditional-ipv6';
import routed from '../../../topologies/routed';

const client = (change: Partial<TopologyNode>): AnyTopology => ({
  ...dualStack,
  nodes: { ...dualStack.nodes, client: { ...dualStack.nodes['client']!, ...change } },
});
const lan = (subnet6: string | undefined, topology: Topology = dualStack): AnyTopology => {
  const { subnet, internal } = topology.networks['lan']!;
  return { ...topology, networks: { lan: { subnet, internal, ...(subnet6 !== undefined && { subnet6 }) } } };
};
const told = (topology: AnyTopology): string[] =>
  validateTopology(topology).map(({ place, message }) => `${place}: ${message}`);

test.each([ipv6, dualStack])('$name is as it should be', (topology) => {
  expect(parseTopology(JSON.parse(JSON.stringify(topology)), 'shipped')).toEqual(topology);
});

test.each([
  ['2001:2:0:29::10', 'is outside 2001:2:0:28::/64'],
  ['198.18.28.11', 'is not an IPv6 address'],
  ['fe80::1%eth0', 'is not an IPv6 address'],
  ['2001:2:0:28::1', "is the bridge's own address in 2001:2:0:28::/64"],
  // RFC 4291, section 2.6.1; RFC 2526.
  ['2001:2:0:28::', 'is the address of all routers of 2001:2:0:28::/64'],
  ['2001:2:0:28:fdff:ffff:ffff:ff80', 'is reserved for anycast in 2001:2:0:28::/64'],
])('the address %s is refused: it %s', (address6, why) => {
  expect(told(client({ address6 }))).toEqual([`nodes.client.address6: ${address6} ${why}`]);
});

test('one address in two notations is one address', () => {
  expect(told(client({ address6: '2001:2:0:28:0:0:0:20' }))).toEqual([
    'nodes.online.address6: 2001:2:0:28::20 is the address of node client already',
  ]);
});

test('whoever is on a network with IPv6 has an address of it, and nobody else has one', () => {
  const { role, network, address } = dualStack.nodes['client']!;
  const without = { role, network, address };
  expect(told({ ...dualStack, nodes: { ...dualStack.nodes, client: without } })).toEqual([
    'nodes.client.address6: network lan has IPv6 (2001:2:0:28::/64), and the node no address there',
  ]);
  expect(told(lan(undefined))).toEqual(
    ['client', 'online', 'test'].map((node) => `nodes.${node}.address6: network lan has no IPv6 (subnet6)`),
  );
});

test.each([
  ['2001:2:0:28::/60', 'is not a subnet'],
  ['198.18.28.0/24', 'is no subnet of IPv6'],
  ['2001:db8:0:28::/64', 'is outside 2001:2::/48, which labs keep to'],
  ['2001:2:0:28::/96', 'is not a /64'],
])('the network %s is refused: it %s', (subnet6, why) => {
  expect(told(lan(subnet6))).toContain(`networks.lan.subnet6: ${subnet6} ${why}`);
});

test('a copy of a family that its servers do not have is refused', () => {
  const { nodes, copies } = routed;
  expect(told({ ...routed, copies: [{ ...copies[0]!, family: 6 }] })).toEqual([
    'copies.0.family: online and test have no IPv6 address',
  ]);
  expect(nodes['online']!.address6).toBeUndefined();
});

test('a router has an address of each family on each of its networks that has it', () => {
  const networks = {
    ...routed.networks,
    front: { ...routed.networks['front']!, subnet6: '2001:2:0:50::/64' },
  };
  const online = { ...routed.nodes['online']!, address6: '2001:2:0:50::20' };
  const router = routed.nodes['router']!;
  const of = (networks6: Record<string, string>): AnyTopology => ({
    ...routed,
    networks,
    nodes: { ...routed.nodes, online, router: { ...router, networks6 } },
  });
  expect(told(of({ front: '2001:2:0:50::2' }))).toEqual([]);
  expect(told(of({}))).toEqual([
    'nodes.router.networks6.front: network front has IPv6 (2001:2:0:50::/64), and the node no address there',
  ]);
  expect(told(of({ front: '2001:2:0:50::2', elsewhere: '2001:2:0:51::2' }))).toEqual([
    'nodes.router.networks6.elsewhere: the node is not on network elsewhere',
  ]);
});

test('a network moves in one family, and stays in the other', () => {
  const copy = { ...dualStack.copies[0]!, tcpcopy: ['-H', '[2001:2:0:28::77]:80', '-M', '198.18.28.77'] };
  const moved = relocate({ ...dualStack, copies: [copy] }, 'lan', parseSubnet('2001:2:0:100::/64')!);
  expect(moved.networks['lan']).toEqual({
    subnet: '198.18.28.0/24',
    subnet6: '2001:2:0:100::/64',
    internal: true,
  });
  expect(moved.nodes['online']).toMatchObject({ address: '198.18.28.20', address6: '2001:2:0:100::20' });
  expect(moved.copies[0]!.tcpcopy).toEqual(['-H', '[2001:2:0:100::77]:80', '-M', '198.18.28.77']);
  expect(validateTopology(moved)).toEqual([]);
});

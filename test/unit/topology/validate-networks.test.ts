import type { Topology, TopologyNode } from '../../../lab/topology/types';
import { validateTopology } from '../../../lab/topology/rules/validate';
import routed from '../../../topologies/routed';

/** A topology that is sound, with one of its nodes as `change` makes it. */
function withNode(name: string, change: Partial<TopologyNode>): Topology {
  const nodes = { ...routed.nodes };
  nodes[name] = { ...nodes[name]!, ...change };
  return { ...routed, nodes };
}

const furtherOf = (name: string, further: Readonly<Record<string, string>>): Topology =>
  withNode(name, { networks: { ...routed.nodes[name]!.networks, ...further } });

const withoutRouter = (topology: Topology): Topology => ({
  ...topology,
  nodes: Object.fromEntries(Object.entries(topology.nodes).filter(([, { role }]) => role !== 'router')),
});

test.each<[string, string, RegExp, Topology]>([
  [
    'a router on one network',
    'nodes.router.networks',
    /on two networks at least/,
    { ...withNode('router', { networks: {} }), copies: [] },
  ],
  [
    'a further network that is not there',
    'nodes.router.networks.wan',
    /no network wan/,
    furtherOf('router', { wan: '198.18.9.2' }),
  ],
  [
    'an address of another network than the further one',
    'nodes.router.networks.front',
    /outside 198\.18\.50\.0\/24/,
    furtherOf('router', { front: '198.18.51.9' }),
  ],
  [
    'the same network twice',
    'nodes.online.networks.front',
    /on network front already/,
    furtherOf('online', { front: '198.18.50.21' }),
  ],
  [
    'an address twice, on a further network',
    'nodes.router.networks.front',
    /address of node online already/,
    furtherOf('router', { front: '198.18.50.20' }),
  ],
  [
    'a server on a router',
    'nodes.router.server',
    /role router serves nothing/,
    withNode('router', { server: { kind: 'nginx', port: 80 } }),
  ],
])('%s is refused at its place, with a mend', (_title, place, message, topology) => {
  const faults = validateTopology(topology);
  expect(faults.map((fault) => fault.place)).toEqual([place]);
  expect(faults[0]!.message).toMatch(message);
  expect(faults[0]!.mend).not.toBe('');
});

test('those who take part in a copy have a way to each other, or are named', () => {
  expect(validateTopology(withoutRouter(routed)).map(({ place, message }) => `${place}: ${message}`)).toEqual(
    [
      'nodes.client.network: there is no way from network home to online, on network front',
      'nodes.client-b.network: there is no way from network office to online, on network front',
      'nodes.online.network: there is no way from network front to test, on network rehearsal',
    ],
  );
});

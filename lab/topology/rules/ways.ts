/** Whether those who take part in a copy can reach one another at all. */
import type { TopologyFault } from '../faults';
import type { AnyTopology, TopologyCopy } from '../types';
import { wayTo } from '../ways';

/** Of a topology whose nodes and networks are as they should be. */
export function faultsOfWays(topology: AnyTopology): TopologyFault[] {
  const faults = topology.copies.flatMap((copy) =>
    pairsOf(topology, copy).flatMap(([from, to]) => faultOfWay(topology, from, to)),
  );
  return [...new Map(faults.map((fault) => [`${fault.place} ${fault.message}`, fault])).values()];
}

function pairsOf({ nodes }: AnyTopology, { from, to, routes = [] }: TopologyCopy): [string, string][] {
  const clients = Object.keys(nodes).filter((name) => nodes[name]!.role === 'client');
  const assistants = [...new Set(routes.map(({ via }) => via))];
  return [
    ...clients.map((client): [string, string] => [client, from]),
    [from, to],
    ...assistants.flatMap((assistant): [string, string][] => [
      [to, assistant],
      [from, assistant],
    ]),
  ];
}

function faultOfWay(topology: AnyTopology, from: string, to: string): TopologyFault[] {
  const here = topology.nodes[from]!.network;
  const { network } = topology.nodes[to]!;
  if (wayTo(topology, from, network)) return [];
  const message = `there is no way from network ${here} to ${to}, on network ${network}`;
  const mend = `Put a router on both, or ${from} on network ${network} as well.`;
  return [{ place: `nodes.${from}.network`, message, mend }];
}

/** Where the nodes of a topology run, when there is more than one engine. */
import type { OnMachine, Role, Topology, TopologyNode } from '../topology/types';
import { footholdsOf } from '../topology/ways';

/** Of nodes whose topology does not say it: who asks and who answers clients on the first, who is copied to on the second. */
const ROLES: Readonly<Record<Role, 0 | 1>> = { client: 0, online: 0, router: 0, test: 1, assistant: 1 };

/** @param engines their names, at least one @returns the topology with the engine of each node; one engine needs no names */
export function placedOn(topology: Topology, engines: readonly string[]): Topology {
  if (engines.length < 2) return topology;
  const on = ({ role, on: wanted }: TopologyNode): string | OnMachine => wanted ?? engines[ROLES[role]]!;
  const nodes = Object.entries(topology.nodes).map(([name, node]) => [name, { ...node, on: on(node) }]);
  return { ...topology, nodes: Object.fromEntries(nodes) as Topology['nodes'] };
}

/** The engines whose nodes are on a network, or have services of theirs on it; of one engine no name is known. */
export function enginesOn({ nodes }: Topology, network: string): string[] {
  const isOn = (node: TopologyNode): boolean =>
    footholdsOf(node).some((foothold) => foothold.network === network) ||
    (node.server?.kind === 'service' && node.server.beside?.network === network);
  const names = Object.values(nodes).flatMap((node) =>
    isOn(node) && typeof node.on === 'string' ? [node.on] : [],
  );
  return [...new Set(names)];
}

/** All that nodes are on. */
export const enginesUsed = ({ nodes }: Topology): string[] => [
  ...new Set(Object.values(nodes).flatMap(({ on }) => (typeof on === 'string' ? [on] : []))),
];

/** Nodes that are machines which are there already. */
import type { AnyTopology, OnMachine, TopologyNode } from './types';

type Anywhere = Pick<TopologyNode<unknown>, 'on'>;

export const machineOf = ({ on }: Anywhere): OnMachine | undefined =>
  typeof on === 'object' ? on : undefined;

/** By the names of nodes. */
export const machinesIn = ({ nodes }: Pick<AnyTopology, 'nodes'>): Map<string, OnMachine> =>
  new Map(
    Object.entries(nodes).flatMap(([name, node]): [string, OnMachine][] => {
      const machine = machineOf(node);
      return machine ? [[name, machine]] : [];
    }),
  );

type Nodes = Pick<AnyTopology, 'nodes'>;

/** The machine of containers whose engine has no name, where other nodes are machines; else undefined. */
export const machineOfContainers = (topology: Nodes): string | undefined =>
  machinesIn(topology).size === 0 ? undefined : 'containers';

/** Whose clock a node goes by: its engine's machine, or the machine that it is. Undefined where all of them go by one. */
export function machineOfNode(topology: Nodes): (name: string) => string | undefined {
  const { nodes } = topology;
  const unnamed = machineOfContainers(topology);
  return (name) => {
    const on = nodes[name]?.on;
    return typeof on === 'object' ? on.ssh : (on ?? unnamed);
  };
}

/** The device of a container's first network. */
const FIRST_DEVICE = 'eth0';

/** A node's device on the network that it is known by. */
export const deviceOf = (node: Anywhere): string => machineOf(node)?.device ?? FIRST_DEVICE;

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

/** The device of a container's first network. */
const FIRST_DEVICE = 'eth0';

/** A node's device on the network that it is known by. */
export const deviceOf = (node: Anywhere): string => machineOf(node)?.device ?? FIRST_DEVICE;

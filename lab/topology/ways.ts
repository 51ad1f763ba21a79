/** How packets come from network to network: by routers, and by as few of them as there may be. */
import type { AnyTopology } from './types';

/** A node's address on one of its networks. */
export interface Foothold {
  readonly network: string;
  readonly address: string;
}

type Footed = Pick<AnyTopology['nodes'][string], 'network' | 'address' | 'networks'>;

/** The one that it is known by first. */
export const footholdsOf = ({ network, address, networks = {} }: Footed): Foothold[] => [
  { network, address },
  ...Object.entries(networks).map(([name, at]) => ({ network: name, address: at })),
];

export const isOn = (node: Footed, network: string): boolean =>
  footholdsOf(node).some((foothold) => foothold.network === network);

/** A router on the way, as whoever sends to it knows it. */
export interface Hop {
  readonly router: string;
  /** Its address on the network that packets come to it by. */
  readonly gateway: string;
}

/**
 * The routers between a node and a network, in the order in which packets pass them; none where the node is on it.
 * Undefined where no packet gets there. Nodes that are no routers let nothing on.
 */
export function wayTo({ nodes }: AnyTopology, from: string, network: string): readonly Hop[] | undefined {
  const ways = new Map<string, readonly Hop[]>(footholdsOf(nodes[from]!).map((own) => [own.network, []]));
  // Networks that are found are looked at in their turn, the nearest first.
  for (const [reached, hops] of ways) {
    if (reached === network) return hops;
    for (const [router, node] of Object.entries(nodes)) {
      const at = footholdsOf(node).find((foothold) => foothold.network === reached);
      if (node.role !== 'router' || router === from || !at) continue;
      for (const next of footholdsOf(node))
        if (!ways.has(next.network)) ways.set(next.network, [...hops, { router, gateway: at.address }]);
    }
  }
  return undefined;
}

/** Whom a node hands a packet to that is for another one: that one itself, or a router. There must be a way. */
export function firstHop(topology: AnyTopology, from: string, to: string): Hop {
  const { network, address } = topology.nodes[to]!;
  return wayTo(topology, from, network)?.[0] ?? { router: to, gateway: address };
}

/** Networks between which packets are let on, so that addresses of others are seen there. */
export const routedNetworks = ({ networks, nodes }: AnyTopology): string[] =>
  Object.keys(networks).filter((network) =>
    Object.values(nodes).some((node) => node.role === 'router' && isOn(node, network)),
  );

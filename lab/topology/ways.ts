/** Where nodes are, and how packets come from network to network: by routers, and by as few of them as there may be. */
import type { Family } from './addresses';
import type { AnyTopology } from './types';

/** A node's addresses on one of its networks. */
export interface Foothold {
  readonly network: string;
  readonly address: string;
  readonly address6: string | undefined;
}

type Footed = Pick<
  AnyTopology['nodes'][string],
  'network' | 'address' | 'networks' | 'address6' | 'networks6'
>;

/** The one that it is known by first. */
export const footholdsOf = ({
  network,
  address,
  address6,
  networks = {},
  networks6 = {},
}: Footed): Foothold[] => [
  { network, address, address6 },
  ...Object.entries(networks).map(([name, at]) => ({
    network: name,
    address: at,
    address6: networks6[name],
  })),
];

/** The one of that family, on one of its networks. */
export const addressIn = (
  { address, address6 }: { readonly address: string; readonly address6?: string | undefined },
  family: Family,
): string | undefined => (family === 4 ? address : address6);

/** All that a node may speak from, of both families. */
export const addressesOf = (node: Footed): string[] =>
  footholdsOf(node).flatMap(({ address, address6 }) =>
    address6 === undefined ? [address] : [address, address6],
  );

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
export function wayTo(
  { nodes }: AnyTopology,
  from: string,
  network: string,
  family: Family = 4,
): readonly Hop[] | undefined {
  const ways = new Map<string, readonly Hop[]>(footholdsOf(nodes[from]!).map((own) => [own.network, []]));
  // Networks that are found are looked at in their turn, the nearest first.
  for (const [reached, hops] of ways) {
    if (reached === network) return hops;
    for (const [router, node] of Object.entries(nodes)) {
      const at = footholdsOf(node).find((foothold) => foothold.network === reached);
      const gateway = at && addressIn(at, family);
      if (node.role !== 'router' || router === from || gateway === undefined) continue;
      for (const next of footholdsOf(node))
        if (!ways.has(next.network) && addressIn(next, family) !== undefined)
          ways.set(next.network, [...hops, { router, gateway }]);
    }
  }
  return undefined;
}

/** Whom a node hands a packet to that is for another one: that one itself, or a router. There must be a way. */
export function firstHop(topology: AnyTopology, from: string, to: string, family: Family = 4): Hop {
  const [at] = footholdsOf(topology.nodes[to]!) as [Foothold];
  const gateway = addressIn(at, family) ?? at.address;
  return wayTo(topology, from, at.network, family)?.[0] ?? { router: to, gateway };
}

/** Networks between which packets are let on, so that addresses of others are seen there. */
export const routedNetworks = ({ networks, nodes }: AnyTopology): string[] =>
  Object.keys(networks).filter((network) =>
    Object.values(nodes).some((node) => node.role === 'router' && isOn(node, network)),
  );

/**
 * What networks that span engines need beside others: overlays of Docker's carry neither broadcasts nor multicasts, so that nobody
 * could be asked for over IPv6, and they take addresses for themselves.
 */
import {
  contains,
  formatSubnet,
  gatewayOf,
  highestIn,
  overlap,
  parseSubnet,
  placeOf,
  sizeOf,
  subnetAround,
} from '../../topology/addresses';
import type { Topology } from '../../topology/types';
import { footholdsOf } from '../../topology/ways';
import { placedId } from './networks';
import { enginesOn } from '../placement';
import type { PlanStep } from '../step';

export const isSpanned = (topology: Topology, network: string): boolean =>
  enginesOn(topology, network).length > 1;

/** Sixteen addresses: one on each machine, and those that nodes have before they are given their own. */
const TAKEN_PREFIX = 28;

/**
 * Where in a network nobody is: left to itself, an overlay takes the lowest addresses.
 *
 * @returns CIDR; undefined where there is no such place
 */
export function rangeFor({ networks, nodes }: Topology, network: string): string | undefined {
  const subnet = parseSubnet(networks[network]!.subnet)!;
  const taken = Object.values(nodes).flatMap((node) => [
    ...footholdsOf(node).flatMap(({ address }) => placeOf(address) ?? []),
    ...(node.server?.kind === 'service' && node.server.beside ? [placeOf(node.server.beside.address)!] : []),
  ]);
  const ranges = Object.values(nodes).flatMap(({ sources }) => parseSubnet(sources ?? '') ?? []);
  const block = sizeOf({ base: subnet.base, prefix: TAKEN_PREFIX });
  // The highest address is the broadcast's.
  for (
    let base = subnetAround(highestIn(subnet), TAKEN_PREFIX).base - block;
    base >= subnet.base;
    base -= block
  ) {
    const range = { base, prefix: TAKEN_PREFIX };
    const isFree =
      ![...taken, gatewayOf(subnet)].some((place) => contains(range, place)) &&
      !ranges.some((other) => overlap(range, other));
    if (isFree) return formatSubnet(range);
  }
  return undefined;
}

/** Each node with IPv6 on a network that spans engines knows the others there, and asks for none of them. */
export const neighbourSteps = (topology: Topology): PlanStep[] =>
  Object.entries(topology.nodes).flatMap(([name, node]) =>
    footholdsOf(node).flatMap(({ network, address6 }): PlanStep[] => {
      if (address6 === undefined || !isSpanned(topology, network)) return [];
      const others = namesOn(topology, network).filter((other) => other !== name);
      if (others.length === 0) return [];
      return [
        {
          id: `neighbours:${name}:${network}`,
          title: `${name} knows its neighbours on network ${network} over IPv6, where nobody can be asked for: ${others.join(', ')}`,
          action: { kind: 'introduce', node: name, network, others },
          needs: [name, ...others].map((one) => placedId(topology, one)),
          checks: [],
          undo: [],
        },
      ];
    }),
  );

/** Of nodes with IPv6. */
const namesOn = ({ nodes }: Topology, network: string): string[] =>
  Object.entries(nodes).flatMap(([name, node]) =>
    footholdsOf(node).some((one) => one.network === network && one.address6 !== undefined) ? [name] : [],
  );

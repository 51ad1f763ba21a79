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
} from '../topology/addresses';
import type { Topology } from '../topology/types';
import { footholdsOf } from '../topology/ways';
import { placedId } from './networks';
import { enginesOn } from './placement';
import type { PlanStep } from './step';

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

/** Seconds, in tenths: as long as an overlay may take to know of a node on another machine. */
const TURNS = 100;

/**
 * `DEVICE (IPV4 IPV6)…`: what is at an IPv4 address has the other one as well. Whoever has said nothing yet is spoken to, which asks for
 * its hardware address; an overlay answers that for other machines.
 */
const KNOW = `device=$1; shift
while [ $# -gt 0 ]; do
  for turn in $(seq ${TURNS}); do
    mac=$(ip neighbour show "$1" dev "$device" | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p')
    [ -z "$mac" ] || break
    [ $((turn % 10)) -ne 1 ] || lab-load mark neighbour "$1"
    sleep 0.1
  done
  ip -6 neighbour replace "$2" lladdr "\${mac:?nobody answers at $1}" dev "$device" nud permanent || exit
  shift 2
done`;

/** Each node with IPv6 on a network that spans engines knows the others there, and asks for none of them. */
export const neighbourSteps = (topology: Topology): PlanStep[] =>
  Object.entries(topology.nodes).flatMap(([name, node]) =>
    footholdsOf(node).flatMap(({ network, address6 }, index): PlanStep[] => {
      if (address6 === undefined || !isSpanned(topology, network)) return [];
      const others = neighboursOn(topology, network).filter((one) => one.name !== name);
      if (others.length === 0) return [];
      const known = others.flatMap((other) => [other.address, other.address6]);
      return [
        {
          id: `neighbours:${name}:${network}`,
          title: `neighbours of ${name} on network ${network} over IPv6, whom nobody can be asked for there: ${others.map((other) => other.name).join(', ')}`,
          action: { kind: 'command', node: name, argv: ['sh', '-c', KNOW, 'sh', `eth${index}`, ...known] },
          needs: [name, ...others.map((other) => other.name)].map((one) => placedId(topology, one)),
          checks: [],
          undo: [],
        },
      ];
    }),
  );

interface Neighbour {
  readonly name: string;
  readonly address: string;
  readonly address6: string;
}

const neighboursOn = ({ nodes }: Topology, network: string): Neighbour[] =>
  Object.entries(nodes).flatMap(([name, node]) =>
    footholdsOf(node).flatMap(({ network: own, address, address6 }) =>
      own === network && address6 !== undefined ? [{ name, address, address6 }] : [],
    ),
  );

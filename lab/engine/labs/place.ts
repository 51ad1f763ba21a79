/** Finds a place for a topology on this host: its own subnets, or others when those are taken. */
import { formatSubnet, overlap, parseSubnet, type Subnet } from '../../topology/addresses';
import { TopologyError } from '../../topology/faults';
import { labRange, relocate } from '../../topology/relocate';
import type { Topology } from '../../topology/types';
import { isOn } from '../../topology/ways';
import { validateTopology } from '../../topology/rules/validate';
import { LabError } from '../docker/errors';
import { occupiedSubnets, type OccupiedSubnet } from './occupied';
import type { Progress } from '../docker/progress';

export interface PlaceOptions {
  /** CIDR that the topology's (only) network is moved to. */
  readonly subnet?: string;
  /** It moves whoever has its subnets. */
  readonly anywhere?: boolean;
}

/**
 * The topology as it will be started. Rejects when its subnets are used by anything that is not a lab of ours, and it may not
 * stand anywhere.
 *
 * @param refused what the engine has just refused, and does not show yet
 */
export async function placeTopology(
  topology: Topology,
  options: PlaceOptions,
  progress: Progress,
  refused: readonly OccupiedSubnet[] = [],
): Promise<Topology> {
  return placeAmong(topology, options, [...(await occupiedSubnets()), ...refused], progress);
}

/** @param occupied subnets that this machine uses already */
export function placeAmong(
  written: Topology,
  { subnet: wanted, anywhere = false }: PlaceOptions,
  occupied: readonly OccupiedSubnet[],
  progress: Pick<Progress, 'note'>,
): Topology {
  const topology = wanted === undefined ? written : moveTo(written, wanted, occupied);
  const conflicts = Object.entries(topology.networks).flatMap(([network, { subnet }]) =>
    occupied
      .filter((other) => overlap(parseSubnet(subnet)!, other.subnet))
      .map((other) => ({ network, subnet, other })),
  );
  const typed = networksOfNodes(topology);
  const foreign = conflicts.filter(
    ({ network, other }) => !anywhere && typed.includes(network) && other.lab === undefined,
  );
  if (foreign.length > 0) {
    throw new TopologyError(
      topology.name,
      foreign.map(({ network, subnet, other }) => ({
        place: `networks.${network}.subnet`,
        message: `${subnet} is in use by ${other.by} (${formatSubnet(other.subnet)})`,
        mend: `Give it another with --subnet, for example --subnet ${exampleFor(subnet, occupied)}.`,
      })),
    );
  }
  let placed = topology;
  const own = Object.values(topology.networks).map(({ subnet }) => parseSubnet(subnet)!);
  const taken = [...occupied.map(({ subnet }) => subnet), ...own];
  for (const [network, { subnet: from, other }] of new Map(conflicts.map((one) => [one.network, one]))) {
    const free = freeSubnet(parseSubnet(from)!.prefix, taken);
    if (!free) throw new LabError('SUBNET_TAKEN', 'No subnet of 198.18.0.0/15 is free.', 'Take a lab down.');
    taken.push(free);
    placed = relocate(placed, network, free);
    progress.note(`${from} is in use by ${other.by}; network ${network} moves to ${formatSubnet(free)}`);
  }
  return placed;
}

/** Those whose addresses somebody has in mind: not those beside servers. */
const networksOfNodes = ({ networks, nodes }: Topology): string[] =>
  Object.keys(networks).filter((name) => Object.values(nodes).some((node) => isOn(node, name)));

function moveTo(topology: Topology, wanted: string, occupied: readonly OccupiedSubnet[]): Topology {
  const subnet = parseSubnet(wanted);
  const [network, ...others] = networksOfNodes(topology);
  if (!subnet || network === undefined || others.length > 0) {
    throw new LabError(
      'SUBNET_TAKEN',
      subnet ? 'Only a topology with one network can be moved as a whole.' : `${wanted} is not a subnet.`,
      'Write it as CIDR with no host bits set, for example 198.18.40.0/24.',
    );
  }
  const moved = relocate(topology, network, subnet);
  const faults = [...validateTopology(moved)];
  const holder = occupied.find((other) => overlap(subnet, other.subnet));
  if (holder) {
    faults.push({
      place: `networks.${network}.subnet`,
      message: `${wanted} is in use by ${holder.by}`,
      mend: `Choose another, for example ${exampleFor(wanted, occupied)}.`,
    });
  }
  if (faults.length > 0) throw new TopologyError(topology.name, faults);
  return moved;
}

function exampleFor(subnet: string, occupied: readonly OccupiedSubnet[]): string {
  const free = freeSubnet(
    parseSubnet(subnet)!.prefix,
    occupied.map((other) => other.subnet),
  );
  return free ? formatSubnet(free) : '(none is free)';
}

/** The first free subnet of that size, above the ones that shipped topologies are written with. */
function freeSubnet(prefix: number, taken: readonly Subnet[]): Subnet | undefined {
  const size = 2 ** (32 - prefix);
  const first = labRange.base + Math.ceil((100 * 256) / size) * size;
  for (let base = first; base + size <= labRange.base + 2 ** (32 - labRange.prefix); base += size) {
    const candidate = { base, prefix };
    if (!taken.some((other) => overlap(candidate, other))) return candidate;
  }
  return undefined;
}

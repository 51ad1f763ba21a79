/** Finds a place for a topology on this host: its own subnets, or others when those are taken. */
import { familyAt, formatSubnet, overlap, parseSubnet, sizeOf, type Subnet } from '../../topology/addresses';
import { TopologyError } from '../../topology/faults';
import { labRangeFor, relocate } from '../../topology/relocate';
import { subnetsOf } from '../../topology/subnets';
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
  // That of machines is where they are, and this machine is on it as well.
  const movable = subnetsOf(topology).filter(
    ({ network }) => topology.networks[network]!.device === undefined,
  );
  const conflicts = movable.flatMap(({ network, key, subnet }) =>
    occupied
      .filter((other) => overlap(parseSubnet(subnet)!, other.subnet))
      .map((other) => ({ network, key, subnet, other })),
  );
  const typed = networksOfNodes(topology);
  const foreign = conflicts.filter(
    ({ network, other }) => !anywhere && typed.includes(network) && other.lab === undefined,
  );
  if (foreign.length > 0) {
    throw new TopologyError(
      topology.name,
      foreign.map(({ network, key, subnet, other }) => ({
        place: `networks.${network}.${key}`,
        message: `${subnet} is in use by ${other.by} (${formatSubnet(other.subnet)})`,
        mend: `Give it another with --subnet, for example --subnet ${exampleFor(subnet, occupied)}.`,
      })),
    );
  }
  let placed = topology;
  const own = subnetsOf(topology).map(({ subnet }) => parseSubnet(subnet)!);
  const taken = [...occupied.map(({ subnet }) => subnet), ...own];
  const moving = new Map(conflicts.map((one) => [`${one.network} ${one.key}`, one]));
  for (const { network, subnet: from, other } of moving.values()) {
    const free = freeSubnet(parseSubnet(from)!, taken);
    if (!free) {
      const range = formatSubnet(labRangeFor(parseSubnet(from)!));
      throw new LabError('SUBNET_TAKEN', `No subnet of ${range} is free.`, 'Take a lab down.');
    }
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
  const isOther =
    subnet &&
    network !== undefined &&
    familyAt(subnet.base) === 6 &&
    topology.networks[network]!.subnet6 === undefined;
  if (network !== undefined && topology.networks[network]!.device !== undefined)
    throw new LabError(
      'SUBNET_TAKEN',
      `Network ${network} is where its machines are, and cannot be moved.`,
      'Leave --subnet out.',
    );
  if (!subnet || network === undefined || others.length > 0 || isOther) {
    throw new LabError(
      'SUBNET_TAKEN',
      isOther
        ? `Network ${network} has no IPv6 that could be moved.`
        : subnet
          ? 'Only a topology with one network can be moved as a whole.'
          : `${wanted} is not a subnet.`,
      'Write it as CIDR with no host bits set, for example 198.18.40.0/24.',
    );
  }
  const moved = relocate(topology, network, subnet);
  const faults = [...validateTopology(moved)];
  const holder = occupied.find((other) => overlap(subnet, other.subnet));
  if (holder) {
    faults.push({
      place: `networks.${network}.${familyAt(subnet.base) === 4 ? 'subnet' : 'subnet6'}`,
      message: `${wanted} is in use by ${holder.by}`,
      mend: `Choose another, for example ${exampleFor(wanted, occupied)}.`,
    });
  }
  if (faults.length > 0) throw new TopologyError(topology.name, faults);
  return moved;
}

function exampleFor(subnet: string, occupied: readonly OccupiedSubnet[]): string {
  const free = freeSubnet(
    parseSubnet(subnet)!,
    occupied.map((other) => other.subnet),
  );
  return free ? formatSubnet(free) : '(none is free)';
}

/** What shipped topologies are written with: 198.18.0.0 to 198.18.99.255, 2001:2:0::/64 to 2001:2:0:ff::/64. */
const SHIPPED = { 4: 100n * 256n, 6: 0x100n << 64n } as const;

/** The first free subnet of the same size, above the ones that shipped topologies are written with. */
function freeSubnet(like: Subnet, taken: readonly Subnet[]): Subnet | undefined {
  const [range, size, { prefix }] = [labRangeFor(like), sizeOf(like), like];
  const shipped = SHIPPED[familyAt(like.base)];
  const first = range.base + ((shipped + size - 1n) / size) * size;
  for (let base = first; base + size <= range.base + sizeOf(range); base += size) {
    const candidate = { base, prefix };
    if (!taken.some((other) => overlap(candidate, other))) return candidate;
  }
  return undefined;
}

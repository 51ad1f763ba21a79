/** What is wrong with a topology that has the right form: everything at once, each with its place and mend. */
import {
  broadcastOf,
  contains,
  formatAddress,
  formatSubnet,
  gatewayOf,
  overlap,
  parseAddress,
  parseSubnet,
  sizeOf,
  type Subnet,
} from '../addresses';
import { faultsOfCopies } from './copies';
import { TopologyError, type TopologyFault } from '../faults';
import { labRange } from '../relocate';
import { checkForm } from '../schema';
import { faultsOfLinks } from './links';
import { faultsOfWays } from './ways';
import type { AnyTopology, TopologyFile, TopologyNode } from '../types';

type AnyNode = TopologyNode<unknown>;

/** Checks form and sense of what `source` (a name or file) holds, and throws all that is wrong with it. */
export function parseTopology(candidate: unknown, source: string): TopologyFile {
  const form = checkForm(candidate);
  if (!form.ok) throw new TopologyError(source, form.faults);
  const faults = validateTopology(form.topology);
  if (faults.length > 0) throw new TopologyError(source, faults);
  return form.topology;
}

/** Checks sense only; what the host has to say (subnets in use) comes when the lab is placed. */
export function validateTopology(topology: AnyTopology): TopologyFault[] {
  const placed = [
    ...faultsOfNetworks(topology),
    ...Object.entries(topology.nodes).flatMap(([name, node]) => faultsOfNode(topology, name, node)),
    ...faultsOfSharedAddresses(topology),
  ];
  const copied = faultsOfCopies(topology);
  // Where nobody stands well, or takes part, nothing can be said of the ways between them.
  const ways = placed.length + copied.length > 0 ? [] : faultsOfWays(topology);
  return [...placed, ...copied, ...ways, ...faultsOfLinks(topology), ...faultsOfLoad(topology)];
}

/** A gateway, a broadcast address, and at least one node. */
const prefix_max = 29;

function faultsOfNetworks({ networks }: AnyTopology): TopologyFault[] {
  const faults: TopologyFault[] = [];
  const entries = Object.entries(networks);
  if (entries.length === 0) {
    faults.push({
      place: 'networks',
      message: 'there is none',
      mend: 'Add one, for example lan with 198.18.10.0/24.',
    });
  }
  entries.forEach(([name, network], index) => {
    const place = `networks.${name}.subnet`;
    const subnet = parseSubnet(network.subnet);
    if (!subnet) {
      const mend = 'Write it as CIDR with no host bits set, for example 198.18.10.0/24.';
      faults.push({ place, message: `${network.subnet} is not a subnet`, mend });
      return;
    }
    if (!overlap(labRange, subnet) || subnet.prefix < labRange.prefix) {
      const mend = `Choose one within it, for example 198.18.10.0/24.`;
      faults.push({
        place,
        message: `${network.subnet} is outside ${formatSubnet(labRange)}, which labs keep to`,
        mend,
      });
    }
    if (subnet.prefix > prefix_max) {
      faults.push({
        place,
        message: `${network.subnet} is too small`,
        mend: `Use a prefix of at most /${prefix_max}.`,
      });
    }
    for (const [other, { subnet: text }] of entries.slice(0, index)) {
      const earlier = parseSubnet(text);
      if (earlier && overlap(earlier, subnet)) {
        const mend = 'Give each network addresses of its own.';
        faults.push({ place, message: `${network.subnet} overlaps network ${other} (${text})`, mend });
      }
    }
  });
  return faults;
}

function faultsOfNode(topology: AnyTopology, name: string, node: AnyNode): TopologyFault[] {
  const { networks } = topology;
  const here = `nodes.${name}`;
  const further = Object.entries(node.networks ?? {});
  const faults = [
    ...(Object.hasOwn(networks, node.network) ? [] : [noNetwork(networks, node.network, `${here}.network`)]),
    ...faultsOfAddress(networks, node.network, node.address, `${here}.address`),
    ...further.flatMap(([network, address]): TopologyFault[] => {
      const place = `${here}.networks.${network}`;
      if (!Object.hasOwn(networks, network)) return [noNetwork(networks, network, place)];
      if (network !== node.network) return faultsOfAddress(networks, network, address, place);
      const mend = `Remove it, or name another network.`;
      return [{ place, message: `the node is on network ${network} already, as ${node.address}`, mend }];
    }),
    ...faultsOfSources(name, node, subnetOf(networks, node.network)),
  ];
  if (node.server && node.role !== 'online' && node.role !== 'test') {
    const mend = 'Remove the server, or make the node an online or test node.';
    faults.push({
      place: `${here}.server`,
      message: `a node with the role ${node.role} serves nothing`,
      mend,
    });
  }
  if (node.role === 'router' && further.length === 0) {
    const mend = `Give it its address on another one: networks: { <name>: '<address>' }.`;
    faults.push({ place: `${here}.networks`, message: 'a router is on two networks at least', mend });
  }
  return faults;
}

type Networks = AnyTopology['networks'];

const subnetOf = (networks: Networks, name: string): Subnet | undefined =>
  Object.hasOwn(networks, name) ? parseSubnet(networks[name]!.subnet) : undefined;

const noNetwork = (networks: Networks, name: string, place: string): TopologyFault => ({
  place,
  message: `there is no network ${name}`,
  mend: `Use one of: ${Object.keys(networks).join(', ') || '(none defined)'}.`,
});

/** Of a node on a network that there is. */
function faultsOfAddress(networks: Networks, network: string, text: string, place: string): TopologyFault[] {
  const address = parseAddress(text);
  if (address === undefined) {
    const mend = 'Write four numbers from 0 to 255, for example 198.18.10.10.';
    return [{ place, message: `${text} is not an IPv4 address`, mend }];
  }
  const subnet = subnetOf(networks, network);
  if (!subnet || sizeOf(subnet) <= 2) return [];
  const cidr = formatSubnet(subnet);
  const mend = `Use one from ${formatAddress(subnet.base + 2)} to ${formatAddress(broadcastOf(subnet) - 1)}.`;
  const wrong = !contains(subnet, address)
    ? `is outside ${cidr}`
    : address === subnet.base
      ? `is the address of the network ${cidr} itself`
      : address === broadcastOf(subnet)
        ? `is the broadcast address of ${cidr}`
        : address === gatewayOf(subnet)
          ? `is the bridge's own address in ${cidr}`
          : undefined;
  return wrong === undefined ? [] : [{ place, message: `${text} ${wrong}`, mend }];
}

/** Further addresses of a client. */
function faultsOfSources(
  name: string,
  { role, sources }: AnyNode,
  subnet: Subnet | undefined,
): TopologyFault[] {
  if (sources === undefined) return [];
  const place = `nodes.${name}.sources`;
  if (role !== 'client') {
    const mend = 'Remove it, or make the node a client.';
    return [{ place, message: `a node with the role ${role} has one address`, mend }];
  }
  const range = parseSubnet(sources);
  if (range && (!subnet || (overlap(range, subnet) && range.prefix > subnet.prefix))) return [];
  const mend = "Write it as CIDR, a part of the node's network.";
  return [{ place, message: `${sources} is no part of its network`, mend }];
}

function faultsOfSharedAddresses({ nodes }: AnyTopology): TopologyFault[] {
  const holders = new Map<string, string>();
  const held = Object.entries(nodes).flatMap(([name, { address, networks = {} }]) => [
    { name, address, place: `nodes.${name}.address` },
    ...Object.entries(networks).map(([network, further]) => ({
      name,
      address: further,
      place: `nodes.${name}.networks.${network}`,
    })),
  ]);
  return held.flatMap(({ name, address, place }) => {
    const holder = holders.get(address);
    if (holder === undefined) {
      holders.set(address, name);
      return [];
    }
    const mend = 'Give each node an address of its own.';
    return [{ place, message: `${address} is the address of node ${holder} already`, mend }];
  });
}

function faultsOfLoad({ load, nodes }: AnyTopology): TopologyFault[] {
  if (!load || (Object.hasOwn(nodes, load.node) && nodes[load.node]!.role === 'client')) return [];
  const clients = Object.keys(nodes).filter((name) => nodes[name]!.role === 'client');
  const mend = `Name one of: ${clients.join(', ') || '(there is no client)'}.`;
  return [{ place: 'load.node', message: `${load.node} is no client`, mend }];
}

/** What is wrong with a topology that has the right form: everything at once, each with its place and mend. */
import { familyAt, overlap, parseSubnet } from '../addresses';
import { TopologyError, type TopologyFault } from '../faults';
import { checkForm } from '../schema';
import type { AnyTopology, TopologyFile, TopologyNode } from '../types';
import { faultsOfFurther, faultsOfHome, faultsOfSharedAddresses } from './addresses';
import { faultsOfCopies } from './copies';
import { faultsOfLinks } from './links';
import { faultsOfMachines } from './machines';
import { faultsOfNetworks } from './networks';
import { faultsOfWays } from './ways';

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
    ...faultsOfMachines(topology),
  ];
  const copied = faultsOfCopies(topology);
  // Where nobody stands well, or takes part, nothing can be said of the ways between them.
  const ways = placed.length + copied.length > 0 ? [] : faultsOfWays(topology);
  return [...placed, ...copied, ...ways, ...faultsOfLinks(topology), ...faultsOfLoad(topology)];
}

function faultsOfNode(topology: AnyTopology, name: string, node: AnyNode): TopologyFault[] {
  const here = `nodes.${name}`;
  const faults = [
    ...faultsOfHome(topology, name, node),
    ...faultsOfFurther(topology, name, node),
    ...faultsOfSources(topology, name, node),
  ];
  if (node.server && node.role !== 'online' && node.role !== 'test') {
    const mend = 'Remove the server, or make the node an online or test node.';
    faults.push({
      place: `${here}.server`,
      message: `a node with the role ${node.role} serves nothing`,
      mend,
    });
  }
  if (node.role === 'router' && Object.keys(node.networks ?? {}).length === 0) {
    const mend = `Give it its address on another one: networks: { <name>: '<address>' }.`;
    faults.push({ place: `${here}.networks`, message: 'a router is on two networks at least', mend });
  }
  return faults;
}

/** Further addresses of a client. */
function faultsOfSources(
  { networks }: AnyTopology,
  name: string,
  { role, network, sources }: AnyNode,
): TopologyFault[] {
  if (sources === undefined) return [];
  const place = `nodes.${name}.sources`;
  if (role !== 'client') {
    const mend = 'Remove it, or make the node a client.';
    return [{ place, message: `a node with the role ${role} has one address`, mend }];
  }
  if (!Object.hasOwn(networks, network)) return [];
  const range = parseSubnet(sources);
  const { subnet, subnet6 } = networks[network]!;
  const own = range && parseSubnet((familyAt(range.base) === 4 ? subnet : subnet6) ?? '');
  if (range && own && overlap(range, own) && range.prefix > own.prefix) return [];
  const mend = "Write it as CIDR, a part of the node's network.";
  return [{ place, message: `${sources} is no part of its network`, mend }];
}

function faultsOfLoad({ load, nodes }: AnyTopology): TopologyFault[] {
  if (!load || (Object.hasOwn(nodes, load.node) && nodes[load.node]!.role === 'client')) return [];
  const clients = Object.keys(nodes).filter((name) => nodes[name]!.role === 'client');
  const mend = `Name one of: ${clients.join(', ') || '(there is no client)'}.`;
  return [{ place: 'load.node', message: `${load.node} is no client`, mend }];
}

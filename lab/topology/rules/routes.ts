/** What is wrong with the routes of a data-link copy: responses that would not come to an assistant, or that would get on. */
import {
  addressAt,
  contains,
  familyAt,
  familyIn,
  gatewayOf,
  overlap,
  parseSubnet,
  placeOf,
  subnetOfOne,
  type Subnet,
} from '../addresses';
import type { TopologyFault } from '../faults';
import type { AnyTopology, TopologyCopy } from '../types';
import { copiedAddressesOf, familiesOf } from '../families';
import { subnetsOf } from '../subnets';
import { addressesOf, wayTo } from '../ways';

/** Names in the routes are those of nodes that there are. */
export function faultsOfRoutes(topology: AnyTopology, copy: TopologyCopy, place: string): TopologyFault[] {
  const routes = copy.routes ?? [];
  const faults = routes.flatMap((route, index) => {
    const here = `${place}.${index}`;
    const { network } = topology.nodes[route.via]!;
    const faultsHere = faultsOfSources(topology, copy.to, route.sources, `${here}.sources`);
    if (!wayTo(topology, copy.to, network, familyIn(route.sources))) {
      const mend = `Put it on network ${topology.nodes[copy.to]!.network}, or a router on both networks.`;
      faultsHere.push({ place: `${here}.via`, message: `${copy.to} has no way to ${route.via}`, mend });
    }
    return faultsHere;
  });
  if (faults.length > 0) return faults;
  const unrouted = familiesOf(topology, copy).filter((family) =>
    routes.every(({ sources }) => familyIn(sources) !== family),
  );
  if (unrouted.length > 0) {
    const mend = 'Add one, or copy the other family only (family).';
    return unrouted.map((family) => ({ place, message: `none is for clients of IPv${family}`, mend }));
  }
  const ranges = routes.map(({ sources }) => parseSubnet(sources)!);
  const shared = ranges.findIndex((range, index) =>
    ranges.slice(0, index).some((other) => overlap(other, range)),
  );
  if (shared >= 0) {
    const mend = 'Give each route addresses of its own.';
    return [{ place: `${place}.${shared}.sources`, message: 'they overlap those of another route', mend }];
  }
  return faultsOfClients(topology, copy, place);
}

function faultsOfSources(topology: AnyTopology, test: string, text: string, place: string): TopologyFault[] {
  const range = parseSubnet(text);
  if (!range) {
    const mend = 'Write it as CIDR with no host bits set, for example 198.18.12.128/25.';
    return [{ place, message: `${text} is not a range of addresses`, mend }];
  }
  const subnet = reachableSubnets(topology, test).find(
    (one) => overlap(one, range) && range.prefix > one.prefix,
  );
  // The host drops packets on an internal network with addresses that are of no network here.
  if (!subnet) {
    const { network } = topology.nodes[test]!;
    const message = `${text} is no part of ${topology.networks[network]!.subnet}, or of a network that ${test} has a way to`;
    return [{ place, message, mend: `Choose a part of network ${network}, or of the clients' own.` }];
  }
  const bridge = gatewayOf(subnet);
  const held = Object.entries(topology.nodes).find(
    ([, node]) =>
      node.role !== 'client' && addressesOf(node).some((address) => contains(range, placeOf(address))),
  );
  if (!held && !contains(range, bridge)) return [];
  const holder = held ? `node ${held[0]}` : `the bridge (${addressAt(bridge)})`;
  const mend = 'Choose a range that only clients, or copies, have addresses of.';
  return [{ place, message: `${text} holds ${holder}, which would be cut off`, mend }];
}

const reachableSubnets = (topology: AnyTopology, from: string): Subnet[] =>
  subnetsOf(topology).flatMap(({ network, subnet }) => {
    const parsed = parseSubnet(subnet);
    return parsed && wayTo(topology, from, network, familyAt(parsed.base)) ? [parsed] : [];
  });

/** Without `-c` copies have their clients' addresses. */
function faultsOfClients(topology: AnyTopology, copy: TopologyCopy, place: string) {
  const { routes = [], tcpcopy } = copy;
  if (tcpcopy?.some((argument) => argument.startsWith('-c'))) return [];
  const ranges = routes.map(({ sources }) => parseSubnet(sources)!);
  return Object.entries(topology.nodes).flatMap(([name, { role, sources }]): TopologyFault[] => {
    const addresses = copiedAddressesOf(topology, copy, name).map(subnetOfOne);
    const isCopied =
      sources !== undefined && familiesOf(topology, copy).some((one) => one === familyIn(sources));
    const own = [...addresses, ...(isCopied ? [sources] : [])].map(parseSubnet);
    const isRouted = own.every(
      (range) =>
        !range || ranges.some((other) => contains(other, range.base) && other.prefix <= range.prefix),
    );
    if (role !== 'client' || isRouted) return [];
    const message = `no route is for client ${name}, whose responses would go to it directly`;
    return [{ place, message, mend: "Widen a route's sources, or give copies other addresses with -c." }];
  });
}

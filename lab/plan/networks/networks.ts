/** Nodes on several networks, and the routes between these: static ones, by the routers that the topology has. */
import { overlap, parseSubnet, subnetOfOne } from '../../topology/addresses';
import { subnetsOf } from '../../topology/subnets';
import type { Topology, TopologyCopy, TopologyNode } from '../../topology/types';
import { addressIn, footholdsOf, isOn, wayTo, type Hop } from '../../topology/ways';
import { hasNoWayOut, routesBy } from '../checks';
import { familyOfText } from '../families';
import { removeRoute } from '../parts';
import type { PlanStep } from '../step';

/** One network after the other: devices are then numbered as the topology has them. */
export function joinSteps(name: string, node: TopologyNode): PlanStep[] {
  const { networks6 = {} } = node;
  return Object.entries(node.networks ?? {}).map(([network, address], index, all): PlanStep => {
    const before = all[index - 1]?.[0];
    const address6 = networks6[network];
    return {
      id: joinId(name, network),
      title: `${name} on network ${network} (${[address, address6].filter(Boolean).join(', ')})`,
      action: { kind: 'join', node: name, network, address, ...(address6 !== undefined && { address6 }) },
      needs: [before === undefined ? `node:${name}` : joinId(name, before), `network:${network}`],
      checks: [],
      undo: [{ title: `${name} from network ${network}`, kind: 'leave', node: name, network }],
    };
  });
}

const joinId = (node: string, network: string): string => `join:${node}:${network}`;

/** The step behind which a node is on all of its networks. */
export function placedId({ nodes }: Topology, name: string): string {
  const last = Object.keys(nodes[name]!.networks ?? {}).at(-1);
  return last === undefined ? `node:${name}` : joinId(name, last);
}

/** The engine gives nodes a default route over IPv6 on internal networks, too: by the bridge, and out of this machine. */
export function noWayOutSteps(topology: Topology, name: string): PlanStep[] {
  if (topology.nodes[name]!.address6 === undefined) return [];
  return [
    {
      id: wayOutId(name),
      title: `no way out of the lab over IPv6 on ${name}`,
      action: { kind: 'command', node: name, argv: ['ip', '-6', 'route', 'flush', 'exact', 'default'] },
      needs: [placedId(topology, name)],
      checks: [hasNoWayOut(name)],
      undo: [],
    },
  ];
}

export const wayOutId = (node: string): string => `way-out:${node}`;

/** Each node's routes to the networks that it is not on. */
export const wayStepsOf = (topology: Topology): PlanStep[] =>
  Object.keys(topology.nodes).flatMap((name) => waysOf(topology, name));

function waysOf(topology: Topology, name: string): PlanStep[] {
  const node = topology.nodes[name]!;
  return subnetsOf(topology).flatMap(({ network, subnet }) => {
    if (isOn(node, network)) return [];
    const [hop] = wayTo(topology, name, network, familyOfText(subnet)) ?? [];
    if (!hop) return [];
    return destinationsOn(topology, name, network, subnet).map((to) =>
      wayStep(topology, name, network, to, hop),
    );
  });
}

/**
 * To a network that clients are on a data-link copy's test server has no route of this kind: what it says to them goes to
 * an assistant. Whoever else is there it reaches by itself.
 */
function destinationsOn(topology: Topology, name: string, network: string, subnet: string): string[] {
  const guarding = topology.copies.filter(({ to, routes = [] }) => to === name && routes.length > 0);
  if (guarding.length === 0) return [subnet];
  const there = Object.values(topology.nodes).filter((node) => isOn(node, network));
  const family = familyOfText(subnet);
  const isOfClients = there.some(({ role }) => role === 'client');
  if (!isOfClients && !guarding.some((copy) => isRouted(copy, subnet))) return [subnet];
  return there
    .filter(({ role }) => role !== 'client' && role !== 'router')
    .flatMap((node) => footholdsOf(node).filter((foothold) => foothold.network === network))
    .flatMap((foothold) => addressIn(foothold, family) ?? [])
    .map(subnetOfOne);
}

const isRouted = ({ routes = [] }: TopologyCopy, subnet: string): boolean =>
  routes.some(({ sources }) => overlap(parseSubnet(sources)!, parseSubnet(subnet)!));

function wayStep(topology: Topology, name: string, network: string, to: string, hop: Hop): PlanStep {
  const route = [to, 'via', hop.gateway];
  return {
    id: `route:${name}:${to}`,
    title: `route on ${name}: network ${network} (${to}) is behind ${hop.router}`,
    action: { kind: 'command', node: name, argv: ['ip', 'route', 'add', ...route] },
    needs: [placedId(topology, name), placedId(topology, hop.router)],
    checks: [routesBy(name, to, hop.gateway)],
    undo: [removeRoute(`remove the route to network ${network} on ${name}`, name, route)],
  };
}

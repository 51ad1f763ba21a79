/** Moves a network of a topology to another subnet, with everything that stands in it. */
import { addressAt, contains, familyAt, formatSubnet, parseSubnet, placeOf, type Subnet } from './addresses';
import type { Beside } from './servers/services';
import type { Topology, TopologyCopy, TopologyNode, TopologyRoute, TopologyServer } from './types';

/** Reserved for benchmarks (RFC 2544, RFC 5180): no real network of the user's is ever shadowed. */
export const labRange: Subnet = parseSubnet('198.18.0.0/15')!;
export const labRange6: Subnet = parseSubnet('2001:2::/48')!;
/** Of the family of a subnet. */
export const labRangeFor = ({ base }: Subnet): Subnet => (familyAt(base) === 4 ? labRange : labRange6);

/**
 * Every address keeps its offset; addresses in command-line arguments move too.
 *
 * @param to of the family that is to move; the other one stays
 */
export function relocate(topology: Topology, network: string, to: Subnet): Topology {
  const key = familyAt(to.base) === 4 ? 'subnet' : 'subnet6';
  const from = parseSubnet(topology.networks[network]![key]!)!;
  const move = (text: string): string => {
    const place = placeOf(text);
    return contains(from, place) ? addressAt(to.base + (place! - from.base)) : text;
  };
  const moveAll = (named: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(named).map(([name, at]) => [name, move(at)]));
  const moveRange = (text: string, range: string): string => {
    const [base, moved] = [`${range}.0`, move(`${range}.0`)];
    return base === moved ? text : moved.replace(/0$/, 'x');
  };
  /** Also `a.b.c.x`, as `-c` takes it. */
  const moveWithin = (argument: string): string =>
    argument
      .replace(/\d+\.\d+\.\d+\.\d+/g, move)
      .replace(/(\d+\.\d+\.\d+)\.x/g, moveRange)
      .replace(/[\da-f]*:[\da-f:]*:[\da-f]*/gi, move);
  const moveBeside = (beside: Beside): Beside => ({
    ...beside,
    address: move(beside.address),
    services: Object.fromEntries(
      Object.entries(beside.services).map(([name, one]) => [name, { ...one, address: move(one.address) }]),
    ),
  });
  const moveServer = (server: TopologyServer): TopologyServer =>
    server.kind === 'service' && server.beside ? { ...server, beside: moveBeside(server.beside) } : server;
  const moveNode = (node: TopologyNode): TopologyNode => ({
    ...node,
    address: move(node.address),
    ...(node.networks && { networks: moveAll(node.networks) }),
    ...(node.address6 !== undefined && { address6: move(node.address6) }),
    ...(node.networks6 && { networks6: moveAll(node.networks6) }),
    ...(node.sources && { sources: moveWithin(node.sources) }),
    ...(node.server && { server: moveServer(node.server) }),
  });
  const moveRoute = ({ sources, via }: TopologyRoute): TopologyRoute => ({
    sources: moveWithin(sources),
    via,
  });
  const moveCopy = (copy: TopologyCopy): TopologyCopy => ({
    ...copy,
    ...(copy.tcpcopy && { tcpcopy: copy.tcpcopy.map(moveWithin) }),
    ...(copy.intercept && { intercept: copy.intercept.map(moveWithin) }),
    ...(copy.routes && { routes: copy.routes.map(moveRoute) }),
  });
  return {
    ...topology,
    networks: {
      ...topology.networks,
      [network]: { ...topology.networks[network]!, [key]: formatSubnet(to) },
    },
    nodes: Object.fromEntries(Object.entries(topology.nodes).map(([name, node]) => [name, moveNode(node)])),
    copies: topology.copies.map(moveCopy),
    ...(topology.load && { load: { ...topology.load, run: topology.load.run.map(moveWithin) } }),
    ...(topology.outside && {
      outside: Object.fromEntries(Object.entries(topology.outside).map(([who, what]) => [move(who), what])),
    }),
  };
}

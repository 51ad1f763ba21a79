/**
 * The fence around the test side: what a service there says to anybody but its own side goes nowhere, and is recorded. It
 * stands in each network namespace of that side before a service of the user's is in it.
 */
import { fenceArguments, type FenceOptions } from '../fence/options';
import type { Telling } from '../fence/outside-call';
import { addressAt, highestIn, parseSubnet } from '../topology/addresses';
import { isFenced } from '../topology/servers/fenced';
import type { ServiceServer } from '../topology/servers/services';
import type { Topology, TopologyNode } from '../topology/types';
import { footholdsOf } from '../topology/ways';
import { ALL_NODES } from './families';
import { enginesUsed } from './placement';
import { isSpanned } from './networks/spanned';
import type { Check, PlanStep, ServiceName } from './step';

/** A network namespace that a fence stands in. */
export interface FencedPlace extends ServiceName {
  /** What holds it: the node itself, or a container of ours beside it. */
  readonly holder: string;
  readonly address: string;
}

/** Of the servers of test nodes, and of what stands beside them. */
export function fencedPlaces({ nodes }: Topology): FencedPlace[] {
  return Object.entries(nodes).flatMap(([node, definition]) => {
    if (!isFenced(definition)) return [];
    const { server, address } = definition;
    const besides = Object.entries(server.beside?.services ?? {});
    return [
      { node, service: server.name, holder: node, address },
      ...besides.map(([service, one]) => ({
        node,
        service,
        holder: holderName(node, service),
        address: one.address,
      })),
    ];
  });
}

/** How what is recorded there is told. */
export function tellingOf({ nodes, outside = {} }: Topology, { node, service }: ServiceName): Telling {
  return {
    from: `${service} of ${node}`,
    nodes: new Map(
      Object.entries(nodes).flatMap(([name, node]) => addressesAt(node).map((address) => [address, name])),
    ),
    allowed: new Set(Object.keys(outside)),
  };
}

/** No node can be called so. */
export const holderName = (node: string, service: string): string => `${node}/${service}`;

/** What must be there before a service of the user's is started in the place. */
export const fenceId = (holder: string): string => `fence:${holder}`;

/** Holders and fences of one test node; each comes before what it is around. */
export function fenceSteps(topology: Topology, name: string): PlanStep[] {
  return fencedPlaces(topology)
    .filter(({ node }) => node === name)
    .flatMap((place) => [
      ...(place.holder === name ? [] : [holderStep(topology, place)]),
      fenceStep(topology, place),
    ]);
}

function holderStep({ nodes }: Topology, { node, service, holder, address }: FencedPlace): PlanStep {
  const { network } = (nodes[node]!.server as ServiceServer).beside!;
  const title = `place of ${service} beside ${node} (${address})`;
  return {
    id: `holder:${holder}`,
    title,
    action: { kind: 'holder', node, service },
    needs: [`network:${network}`],
    checks: [],
    undo: [{ title, kind: 'node', node: holder }],
  };
}

function fenceStep(topology: Topology, place: FencedPlace): PlanStep {
  const { node, service, holder } = place;
  return {
    id: fenceId(holder),
    title: `fence on ${holder}: what ${service} says to others goes nowhere, and is told`,
    action: {
      kind: 'command',
      node: holder,
      argv: ['lab-fence', 'stand', ...fenceArguments(optionsFor(topology, place))],
    },
    needs: [holder === node ? `node:${node}` : `holder:${holder}`],
    checks: [fenceStands(holder)],
    undo: [],
  };
}

/** A name that is asked for and called is answered, refused and recorded. */
export const fenceStands = (holder: string): Check => ({
  holds: `the fence stands on ${holder}`,
  node: holder,
  argv: ['lab-fence', 'check'],
  expect: { exitCode: 0 },
  within_ms: 5_000,
});

/** By which a node is known. */
const addressesAt = ({ address, address6 }: TopologyNode): string[] =>
  address6 === undefined ? [address] : [address, address6];

/** Addresses and networks that the services of a fenced node may call: the test side, and what the topology allows. */
export function insideOf({ nodes, networks, outside = {} }: Topology, node: string): string[] {
  const { beside } = nodes[node]!.server as ServiceServer;
  const isInside = ([name, node]: [string, TopologyNode]): boolean =>
    node.role === 'test' ||
    outside[name] === 'allowed' ||
    addressesAt(node).some((address) => outside[address] === 'allowed');
  return [
    ...(beside ? [networks[beside.network]!.subnet] : []),
    ...Object.entries(nodes)
      .filter(isInside)
      .flatMap(([, node]) => addressesAt(node)),
  ];
}

/** Where its marks go: to everybody at once, or, where that is not carried, to each; and those of clocks to online servers. */
function marksFrom(topology: Topology, node: TopologyNode): string[] {
  const { networks, nodes } = topology;
  const everybody = footholdsOf(node).flatMap(({ network, address6 }) => {
    const { subnet, subnet6 } = networks[network]!;
    const each = isSpanned(topology, network);
    return [
      each ? subnet : addressAt(highestIn(parseSubnet(subnet)!)),
      ...(address6 === undefined ? [] : [each ? subnet6! : ALL_NODES]),
    ];
  });
  if (enginesUsed(topology).length < 2) return everybody;
  const online = Object.values(nodes).filter(({ role }) => role === 'online');
  return [...everybody, ...online.flatMap(addressesAt)];
}

function optionsFor(topology: Topology, { node, holder }: FencedPlace): FenceOptions {
  const { nodes } = topology;
  const { server } = nodes[node]!;
  const { name, port, beside } = server as ServiceServer;
  const besides = Object.entries(beside?.services ?? {});
  const isBeside = holder !== node;
  return {
    inside: insideOf(topology, node),
    names: Object.fromEntries([
      ...Object.entries(nodes).map(([one, { address }]) => [one, address] as const),
      ...besides.map(([one, { address }]) => [one, address] as const),
      ...(beside && isBeside ? [[name, beside.address] as const] : []),
    ]),
    ...(!isBeside && {
      copied: port,
      marks: marksFrom(topology, nodes[node]!),
    }),
  };
}

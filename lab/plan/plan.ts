/** The plan of a topology: networks, nodes and servers first, then for each copy guard, intercept and tcpcopy. */
import type { Topology, TopologyCopy, TopologyNode } from '../topology/types';
import { isFenced } from '../topology/servers/fenced';
import { routedNetworks } from '../topology/ways';
import { clientAddressSteps } from './networks/client-addresses';
import { copySteps } from './copies/copy';
import { fenceSteps } from './fence';
import { forwardingSteps } from './networks/forwarding';
import type { Flavour } from './flavour';
import { linkSteps } from './networks/links';
import { machineOf } from '../topology/machines';
import { machineStep } from './machines';
import { enginesOn } from './placement';
import { joinSteps, noWayOutSteps, wayStepsOf } from './networks/networks';
import { offlineByHand } from './copies/offline';
import { serverSteps } from './servers';
import { sourceSteps } from './networks/sources';
import { neighbourSteps } from './networks/spanned';
import type { Plan, PlanStep } from './step';

export interface PlanOptions {
  /** Nodes and servers only; the copy is then set up by hand. */
  readonly bare?: boolean;
  /** Default ours. It must be usable in the topology's architectures. */
  readonly flavour?: Flavour;
}

/** `topology` must be valid. */
export function planFor(topology: Topology, options: PlanOptions = {}): Plan {
  const nodes = Object.entries(topology.nodes);
  const steps = [
    ...Object.entries(topology.networks).map(([name, { subnet, subnet6, device }]) =>
      networkStep(name, [
        subnet,
        subnet6,
        device === undefined ? 'internal' : `by ${device}`,
        routedNetworks(topology).includes(name) ? 'routed' : undefined,
        spanWords(enginesOn(topology, name)),
      ]),
    ),
    ...forwardingSteps(topology),
    ...nodes
      .toSorted(([, a], [, b]) => Number(machineOf(a) !== undefined) - Number(machineOf(b) !== undefined))
      .flatMap(([name, node]) => [nodeStep(topology, name, node), ...joinSteps(name, node)]),
    ...nodes.flatMap(([name]) => noWayOutSteps(topology, name)),
    ...neighbourSteps(topology),
    ...wayStepsOf(topology),
    ...linkSteps(topology),
    ...sourceSteps(topology),
    ...nodes.flatMap(([name]) => fenceSteps(topology, name)),
    ...nodes.flatMap(([name, node]) => (node.server ? serverSteps(name, node.server, isFenced(node)) : [])),
    ...clientAddressSteps(topology),
    ...(options.bare
      ? []
      : copiesByTestServer(topology).flatMap((copies) => copySteps(topology, copies, options.flavour))),
  ];
  const byHand = topology.copies.flatMap((copy) =>
    copy.architecture === 'offline' ? offlineByHand(topology, copy) : [],
  );
  return { topology: topology.name, steps, byHand };
}

function copiesByTestServer({ copies }: Topology): TopologyCopy[][] {
  const servers = [...new Set(copies.map(({ to }) => to))];
  return servers.map((server) => copies.filter(({ to }) => to === server));
}

/** Docker's overlays take 50 bytes of what machines carry. */
function spanWords(engines: readonly string[]): string | undefined {
  if (engines.length < 2) return engines[0] && `on ${engines[0]}`;
  return `overlay of ${engines.join(' and ')}, MTU 1450`;
}

function networkStep(name: string, words: readonly (string | undefined)[]): PlanStep {
  const title = `network ${name} (${words.filter(Boolean).join(', ')})`;
  return {
    id: `network:${name}`,
    title,
    action: { kind: 'network', network: name },
    needs: [],
    checks: [],
    undo: [{ title, kind: 'network', network: name }],
  };
}

function nodeStep({ nodes }: Topology, name: string, node: TopologyNode): PlanStep {
  const machine = machineOf(node);
  if (machine)
    return machineStep(
      name,
      node,
      machine,
      Object.keys(nodes).find((one) => !machineOf(nodes[one]!)),
    );
  const { role, network, address, address6, on } = node;
  const place = typeof on === 'string' ? `on ${on}` : undefined;
  const title = `node ${name} (${[role, address, address6, place].filter(Boolean).join(', ')})`;
  return {
    id: `node:${name}`,
    title,
    action: { kind: 'node', node: name },
    needs: [`network:${network}`],
    checks: [],
    undo: [{ title, kind: 'node', node: name }],
  };
}

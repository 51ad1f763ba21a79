/** The steps to a server that is a container of the user's: what stands beside it first. */
import { basename } from 'node:path';
import { loadService } from '../topology/servers/load';
import { readyWithin_ms, type Ready } from '../topology/servers/servers';
import type {
  Beside,
  ImageSource,
  NeedCondition,
  Needs,
  ServiceContainer,
  ServiceServer,
} from '../topology/servers/services';
import type { Topology, TopologyServer } from '../topology/types';
import { isFenced } from '../topology/servers/fenced';
import { serverName } from '../topology/servers/server-name';
import { listens } from './checks';
import { fenceId, holderName } from './fence';
import type { PlanStep, ServiceName } from './step';

/** @param hasFence a fence stands around it */
export function serviceSteps(node: string, server: ServiceServer, hasFence: boolean): PlanStep[] {
  const { name, port, beside } = server;
  return [
    ...(beside ? besideSteps(node, beside, hasFence) : []),
    {
      id: `server:${node}`,
      title: `${serverWords(server)} on ${node}, port ${port}`,
      action: { kind: 'service', node, service: name },
      needs: [
        `node:${node}`,
        ...(hasFence ? [fenceId(node)] : []),
        ...(beside ? [joinId(node), ...needed(node, beside.needs)] : []),
      ],
      checks: [listens(node, port)],
      undo: [undoOf(node, name)],
    },
  ];
}

function besideSteps(node: string, { network, address, services }: Beside, hasFence: boolean): PlanStep[] {
  return [
    {
      id: joinId(node),
      title: `${node} on network ${network} (${address})`,
      action: { kind: 'join', node, network, address },
      needs: [`node:${node}`, `network:${network}`],
      checks: [],
      undo: [{ title: `${node} from network ${network}`, kind: 'leave', node, network }],
    },
    ...Object.entries(services).map(([service, { container, address: own, needs, serves }]): PlanStep => ({
      id: serviceId(node, service),
      title: `${service} (${sourceWords(container.from)}) beside ${node}, ${own}`,
      action: { kind: 'service', node, service },
      needs: [
        `network:${network}`,
        ...(hasFence ? [fenceId(holderName(node, service))] : []),
        // Its port is asked for from the node.
        ...(serves ? [joinId(node)] : []),
        ...needed(node, needs),
      ],
      checks: [],
      undo: [undoOf(node, service)],
    })),
  ];
}

const joinId = (node: string): string => `join:${node}`;
const serviceId = (node: string, service: string): string => `service:${node}:${service}`;
const needed = (node: string, needs: Needs): string[] =>
  Object.keys(needs).map((service) => serviceId(node, service));
const undoOf = (node: string, service: string) =>
  ({ title: `service ${service} of ${node}`, kind: 'service', node, service }) as const;

/** What a server is, in a word or a few. */
export const serverWords = (server: TopologyServer): string =>
  server.kind === 'service' ? `${server.name} (${sourceWords(server.container.from)})` : serverName(server);

const sourceWords = (from: ImageSource): string =>
  from.kind === 'image' ? `image ${from.image}` : `build of ${basename(from.folder)}`;

/** A container of the user's, and what is waited for when it was started. */
export interface PlannedService extends ServiceName {
  readonly container: ServiceContainer;
  /** Its own address; undefined when it has its node's. */
  readonly address: string | undefined;
  /** Whose network namespace it has: its node's, or that of a container of ours; undefined when it has one of its own. */
  readonly holder: string | undefined;
  readonly until: Until;
}

export type Until =
  | { readonly kind: 'ready'; readonly port: number; readonly ready: Ready }
  | { readonly kind: NeedCondition };

/** What a lab needs an image for. */
export type WithImage = Pick<PlannedService, 'node' | 'service' | 'container'>;

/** Servers with what stands beside them, and the load. */
export function withImages(topology: Topology): WithImage[] {
  const { load } = topology;
  const ofLoad = load?.container && { node: load.node, service: loadService, container: load.container };
  return [...servicesOf(topology), ...(ofLoad ? [ofLoad] : [])];
}

/** Servers with what stands beside them. */
export function servicesOf({ nodes }: Topology): PlannedService[] {
  return Object.entries(nodes).flatMap(([node, definition]) => {
    const { server } = definition;
    if (server?.kind !== 'service') return [];
    const { name, container, port, ready, beside } = server;
    const besides = Object.entries(beside?.services ?? {}).map(([service, one]): PlannedService => ({
      node,
      service,
      container: one.container,
      address: one.address,
      holder: isFenced(definition) ? holderName(node, service) : undefined,
      until: one.serves ? { kind: 'ready', ...one.serves } : { kind: conditionOf(beside!, service) },
    }));
    return [
      ...besides,
      {
        ...{ node, service: name, container, address: undefined, holder: node },
        until: { kind: 'ready', port, ready },
      },
    ];
  });
}

/** The most that anybody waits for. */
function conditionOf({ needs, services }: Beside, service: string): NeedCondition {
  const wanted = [needs, ...Object.values(services).map((one) => one.needs)].map((some) => some[service]);
  return (['completed', 'healthy'] as const).find((condition) => wanted.includes(condition)) ?? 'started';
}

/** `ready when …`, for people. */
export function untilWords(until: Until): string {
  switch (until.kind) {
    case 'ready':
      return `ready when ${signWords(until.ready, until.port)}, within ${readyWithin_ms(until.ready) / 1000} s`;
    case 'started':
      return 'ready when it runs';
    case 'healthy':
      return 'ready when its health check says so';
    case 'completed':
      return 'ready when it has ended with status 0';
  }
}

function signWords(ready: Ready, port: number): string {
  if (ready.tcp !== undefined) return `port ${ready.tcp} listens`;
  if (ready.http !== undefined)
    return `GET ${ready.http} on port ${port} is answered with ${ready.status ?? 200}`;
  if (ready.log !== undefined) return `a line of its log matches /${ready.log}/`;
  return `\`${ready.command.join(' ')}\` in it ends with status 0`;
}

/** The network beside a server, with who is known there: name and address of each. */
export function besideOf({ nodes }: Topology, node: string) {
  const { server } = nodes[node]!;
  if (server?.kind !== 'service' || !server.beside) throw new Error(`nothing stands beside ${node}`);
  const { network, address, services } = server.beside;
  const others = Object.entries(services).map(([name, one]) => [name, one.address] as const);
  return { network, neighbours: [[server.name, address] as const, ...others] };
}

/** From a topology as it is written to one that can be started: paths made absolute, what they name looked at. */
import { resolve } from 'node:path';
import { TopologyError, type TopologyFault } from '../topology/faults';
import type { ComposeServer, WrittenServer } from '../topology/servers/servers';
import {
  loneService,
  type Needs,
  type ServiceContainer,
  type ServiceServer,
} from '../topology/servers/services';
import type { TopologyLoad, WrittenLoad } from '../topology/servers/load';
import type { Topology, TopologyFile, TopologyNode, TopologyServer } from '../topology/types';
import { BesideNetworks, type PlacedService } from './beside';
import { withDependencies } from './dependencies';
import { readCompose } from './compose-file';
import { containerFrom, sourceOf, type Reading } from './container';
import { allowedIn, answeringIn, faultsOfOutside } from './outside';
import { faultsOfReady } from './ready';

/** What a server is resolved in. */
interface Surroundings extends Reading {
  readonly networks: BesideNetworks;
  /** Who answers in the place of somebody outside, beside each server. */
  readonly answering: ReadonlyMap<string, PlacedService>;
}

/**
 * @param folder of the topology's file, which paths in it are relative to
 * @param source name or file, for messages
 * @throws TopologyError with everything that is wrong with the files that it names
 */
export function resolveTopology(file: TopologyFile, folder: string, source: string): Topology {
  const faults: TopologyFault[] = [];
  const reading = { folder, networks: new BesideNetworks(file), faults };
  const around: Surroundings = { ...reading, answering: answeringIn(file, reading) };
  const nodes = Object.entries(file.nodes).map(([name, { server, ...node }]): [string, TopologyNode] => [
    name,
    server ? { ...node, server: serverFrom(name, server, around) } : node,
  ]);
  const { load: writtenLoad, outside: writtenOutside, ...rest } = file;
  const load = writtenLoad && loadFrom(writtenLoad, around);
  const outside = writtenOutside && allowedIn(file);
  faults.push(...faultsOfOutside(file, nodes));
  if (faults.length > 0) throw new TopologyError(source, withoutRepeated(faults));
  return {
    ...rest,
    networks: around.networks.networks,
    nodes: Object.fromEntries(nodes),
    ...(load && { load }),
    ...(outside && { outside }),
  };
}

/** A Compose file that two nodes name has the same faults for both. */
function withoutRepeated(faults: readonly TopologyFault[]): TopologyFault[] {
  return [...new Map(faults.map((fault) => [`${fault.place}\n${fault.message}`, fault])).values()];
}

function serverFrom(node: string, server: WrittenServer, around: Surroundings): TopologyServer {
  if (server.kind !== undefined) return server;
  const place = `nodes.${node}.server`;
  around.faults.push(...faultsOfReady(server.ready, `${place}.ready`));
  if (server.compose !== undefined) return composeServer(node, server, place, around);
  const container = containerFrom(sourceOf(server, place, around), server, place, around);
  const lone = serviceServer(loneService, server, container);
  return withBeside(node, lone, new Map(), {}, place, around);
}

/** @param needs of the server itself */
function withBeside(
  node: string,
  server: ServiceServer,
  others: ReadonlyMap<string, PlacedService>,
  needs: Needs,
  place: string,
  { networks, answering, faults }: Surroundings,
): ServiceServer {
  const all = new Map([...others, ...answering]);
  if (all.size === 0) return server;
  const answers = [...answering.keys()].map((name) => [name, 'started'] as const);
  const needed = { ...needs, ...Object.fromEntries(answers) };
  return { ...server, beside: networks.place(node, all, needed, place, faults) };
}

function serviceServer(
  name: string,
  { port, protocol, ready }: Exclude<WrittenServer, { kind: string }>,
  container: ServiceContainer,
): ServiceServer {
  return { kind: 'service', name, port, ...(protocol && { protocol }), ready, container };
}

function composeServer(
  node: string,
  written: ComposeServer,
  place: string,
  around: Surroundings,
): ServiceServer {
  const { folder, faults } = around;
  const file = readCompose(resolve(folder, written.compose), `${place}.compose`, faults);
  const all = file && withDependencies(file, written.service, faults);
  const own = all?.get(written.service);
  // The faults say why; what is given back is not looked at.
  if (!all || !own) return serviceServer(written.service, written, emptyContainer);
  const server = serviceServer(written.service, written, own.container);
  const others = [...all].filter(([name]) => name !== written.service);
  const placed = others.map(([name, { container, needs }]) => [name, { container, needs }] as const);
  return withBeside(node, server, new Map(placed), own.needs, place, around);
}

const emptyContainer: ServiceContainer = {
  from: { kind: 'image', image: '' },
  env: {},
  files: {},
  limits: {},
};

function loadFrom(written: WrittenLoad, around: Surroundings): TopologyLoad {
  const { run, node, within_ms } = written;
  const load = { run, node, ...(within_ms !== undefined && { within_ms }) };
  if (written.image === undefined && written.build === undefined) return load;
  const container = containerFrom(sourceOf(written, 'load', around), written, 'load', around);
  return { ...load, container: { ...container, command: run } };
}

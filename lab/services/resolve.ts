/** From a topology as it is written to one that can be started: paths made absolute, what they name looked at. */
import { resolve } from 'node:path';
import { TopologyError, type TopologyFault } from '../topology/faults';
import type { ComposeServer, ContainerOptions, WrittenServer } from '../topology/servers';
import {
  loneService,
  type ImageSource,
  type ServiceContainer,
  type ServiceServer,
} from '../topology/services';
import type { TopologyLoad, WrittenLoad } from '../topology/load';
import type { Topology, TopologyFile, TopologyNode, TopologyServer } from '../topology/types';
import { BesideNetworks } from './beside';
import { withDependencies } from './dependencies';
import { readCompose } from './compose-file';
import { faultsOfBuild, faultsOfPath } from './paths';
import { faultsOfReady } from './ready';

type Sourced =
  { readonly image: string; readonly build?: never } | { readonly build: string; readonly image?: never };

/** What a server is resolved in. */
interface Surroundings {
  /** Of the topology's file. */
  readonly folder: string;
  readonly networks: BesideNetworks;
  /** What is found to be wrong. */
  readonly faults: TopologyFault[];
}

/**
 * @param folder of the topology's file, which paths in it are relative to
 * @param source name or file, for messages
 * @throws TopologyError with everything that is wrong with the files that it names
 */
export function resolveTopology(file: TopologyFile, folder: string, source: string): Topology {
  const around: Surroundings = { folder, networks: new BesideNetworks(file), faults: [] };
  const nodes = Object.entries(file.nodes).map(([name, { server, ...node }]): [string, TopologyNode] => [
    name,
    server ? { ...node, server: serverFrom(name, server, around) } : node,
  ]);
  const { load: written, ...others } = file;
  const load = written && loadFrom(written, around);
  const faults = withoutRepeated(around.faults);
  if (faults.length > 0) throw new TopologyError(source, faults);
  return {
    ...others,
    networks: around.networks.networks,
    nodes: Object.fromEntries(nodes),
    ...(load && { load }),
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
  return serviceServer(loneService, server, container);
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
  { folder, networks, faults }: Surroundings,
): ServiceServer {
  const file = readCompose(resolve(folder, written.compose), `${place}.compose`, faults);
  const all = file && withDependencies(file, written.service, faults);
  const own = all?.get(written.service);
  // The faults say why; what is given back is not looked at.
  if (!all || !own) return serviceServer(written.service, written, emptyContainer);
  const server = serviceServer(written.service, written, own.container);
  const others = new Map([...all].filter(([name]) => name !== written.service));
  if (others.size === 0) return server;
  return { ...server, beside: networks.place(node, others, own.needs, place, faults) };
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

function sourceOf({ image, build }: Sourced, place: string, { folder, faults }: Surroundings): ImageSource {
  if (image !== undefined) return { kind: 'image', image };
  const context = resolve(folder, build);
  faults.push(...faultsOfBuild(context, 'Dockerfile', `${place}.build`));
  return { kind: 'build', folder: context, dockerfile: 'Dockerfile', arguments: {} };
}

function containerFrom(
  from: ImageSource,
  { command, env = {}, files = {}, user, limits = {} }: ContainerOptions,
  place: string,
  { folder, faults }: Surroundings,
): ServiceContainer {
  const resolved = Object.entries(files).map(([inside, path]) => [inside, resolve(folder, path)] as const);
  for (const [inside, path] of resolved) faults.push(...faultsOfPath(path, `${place}.files.${inside}`));
  return {
    from,
    ...(command && { command }),
    env,
    files: Object.fromEntries(resolved),
    ...(user !== undefined && { user }),
    limits,
  };
}

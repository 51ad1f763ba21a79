/** By which names nodes know one another: in a file that the engine keeps, and that is read-only within the node. */
import { Writable } from 'node:stream';
import type { Container } from 'dockerode';
import type { Topology, TopologyNode } from '../../topology/types';
import { byEngine, type Engine } from '../docker/connection';
import { LabError } from '../docker/errors';
import { labelsOf, type LabIdentity } from '../docker/labels';
import { exec } from '../commands/exec';
import type { NetworkAddresses } from './network';

/** Name -> address, of all nodes and of what stands beside this one. */
export function neighboursOf({ nodes }: Topology, { server }: TopologyNode): [string, string][] {
  const beside = server?.kind === 'service' ? server.beside?.services : undefined;
  const known: Record<string, NetworkAddresses> = { ...nodes, ...beside };
  return Object.entries(known).flatMap(([name, { address, address6 }]): [string, string][] => [
    [name, address],
    ...(address6 === undefined ? [] : [[name, address6] as [string, string]]),
  ]);
}

/**
 * Of nodes that stay while others come and go. A container with all of their files writes them, and is gone again.
 *
 * @param containers by the names of nodes
 * @param before the topology that they were started with
 */
export async function renameNeighbours(
  lab: LabIdentity,
  image: string,
  containers: ReadonlyMap<string, Container>,
  before: Topology,
): Promise<void> {
  for (const [engine, there] of byEngine([...containers], ([, container]) => container))
    await renameOn(engine, lab, image, there, before);
}

async function renameOn(
  { api }: Engine,
  lab: LabIdentity,
  image: string,
  containers: readonly (readonly [name: string, container: Container])[],
  before: Topology,
): Promise<void> {
  const files = await Promise.all(
    containers.map(async ([name, container]) => {
      const [{ HostsPath }, { stdout }] = await Promise.all([
        container.inspect(),
        exec(container, ['cat', '/etc/hosts']),
      ]);
      const node = lab.topology.nodes[name]!;
      const gone = neighboursOf(before, before.nodes[name] ?? node).map(([host]) => host);
      const content = hostsFile(stdout.toString(), gone, neighboursOf(lab.topology, node));
      return { path: HostsPath, name, content };
    }),
  );
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const script = 'while [ $# -gt 1 ]; do printf %s "$2" >"/hosts/$1" || exit; shift 2; done';
  const words = files.flatMap(({ name, content }) => [name, content]);
  const [{ StatusCode }] = (await api.run(image, ['sh', '-c', script, 'sh', ...words], nowhere, {
    Labels: labelsOf(lab),
    HostConfig: {
      NetworkMode: 'none',
      AutoRemove: true,
      CapDrop: ['ALL'],
      Binds: files.map(({ path, name }) => `${path}:/hosts/${name}`),
    },
  })) as [{ StatusCode: number }];
  if (StatusCode !== 0)
    throw new LabError('STEP_FAILED', `Nodes cannot be told of each other's names (status ${StatusCode}).`);
}

/** The same file with other names: what nobody of the lab is called stays. */
export function hostsFile(
  text: string,
  gone: readonly string[],
  names: readonly (readonly [name: string, address: string])[],
): string {
  const ours = new Set([...gone, ...names.map(([name]) => name)]);
  const others = text.split('\n').filter((line) => line !== '' && !ours.has(line.split(/\s+/)[1] ?? ''));
  return [...others, ...names.map(([name, address]) => `${address}\t${name}`), ''].join('\n');
}

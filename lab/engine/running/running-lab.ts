/** A lab that runs, opened by its labels. */
import type { Container } from 'dockerode';
import { exec, start } from '../commands/exec';
import { converse } from '../commands/exec-streaming';
import { machinesOf } from '../machines/machine';
import type { NodeBody } from '../commands/body';
import { LabError } from '../docker/errors';
import { findLab, type FoundLab } from '../labs/find';
import { engineNamed, engineOf, type Engine } from '../docker/connection';
import { enginesOn } from '../../plan/placement';
import { engineForNetwork, homeOf } from '../labs/engine-for';
import { tunnelsOf } from './underlay';
import { ensureNodeImage } from '../images/ensure';
import type { LabNode, RunningLab, Vantage } from '../commands/lab';
import { labels } from '../docker/labels';
import { bridgeName, hostNodeName } from '../docker/names';
import { silent } from '../docker/progress';
import { fencedPlaces } from '../../plan/fence';
import type { TopologyNode } from '../../topology/types';

/** Opens a lab that was started earlier, here or by another program; without a name, the only one that runs. */
export async function openLab(name?: string): Promise<RunningLab> {
  return runningLabFrom(await findLab(name));
}

export function runningLabFrom(found: FoundLab): RunningLab {
  const machines = machinesOf(found.topology);
  const nodes = Object.entries(found.topology.nodes).map(([name, definition]) => {
    const machine = machines.get(name);
    if (machine) return nodeFrom(name, definition, machine);
    const container = found.containers.find(({ Labels }) => Labels[labels.node] === name);
    if (container?.State !== 'running') {
      throw new LabError(
        'LAB_INCOMPLETE',
        `Node ${name} of lab ${found.name} is not running.`,
        `Remove what is left with \`lab down ${found.name}\`, then \`lab up\`.`,
      );
    }
    return nodeFrom(name, definition, container.handle);
  });
  const hosts = new Map<Engine, Promise<LabNode>>();
  const hostOn = (engine: Engine): Promise<LabNode> => {
    const opened = hosts.get(engine) ?? openHost(found, engine);
    hosts.set(engine, opened);
    return opened;
  };
  return {
    name: found.name,
    topology: found.topology,
    flavour: found.components?.flavour ?? 'ours',
    nodes,
    node(name) {
      const node = nodes.find((candidate) => candidate.name === name);
      if (node) return node;
      const holder = holderFrom(found, name);
      if (holder) return holder;
      const names = nodes.map((candidate) => candidate.name).join(', ');
      throw new LabError(
        'NODE_UNKNOWN',
        `Lab ${found.name} has no node named ${name}.`,
        `Its nodes: ${names}.`,
      );
    },
    host: () => hostOn(homeOf(found)),
    vantages: (network) => vantagesOn(found, network, hostOn),
    bridge: (network) => bridgeOf(found, network),
  };
}

/** What holds the network namespace of a service beside a node. */
function holderFrom({ topology, containers }: FoundLab, name: string): LabNode | undefined {
  const place = fencedPlaces(topology).find(({ holder }) => holder === name);
  const container = containers.find(({ Labels }) => Labels[labels.node] === name);
  if (!place || container?.State !== 'running') return undefined;
  const definition: TopologyNode = { role: 'test', network: '(beside)', address: place.address };
  return nodeFrom(name, definition, container.handle);
}

export function bridgeOf(found: FoundLab, network: string): string {
  const { device } = found.topology.networks[network] ?? {};
  if (device !== undefined) return device;
  const docker = found.networks.find(({ Labels }) => Labels?.[labels.network] === network);
  if (docker) return bridgeName(docker.Id);
  const names = Object.keys(found.topology.networks).join(', ');
  throw new LabError(
    'NETWORK_UNKNOWN',
    `Lab ${found.name} has no network named ${network}.`,
    `It has: ${names}.`,
  );
}

/** @param hostOn opens the pseudo-node of an engine's machine */
export async function vantagesOn(
  found: FoundLab,
  network: string,
  hostOn: (engine: Engine) => Promise<LabNode> = (engine) => openHost(found, engine),
): Promise<Vantage[]> {
  const spanned = enginesOn(found.topology, network);
  if (spanned.length < 2) {
    const [engine] = spanned;
    const node = await hostOn(engineForNetwork(found, network));
    return [{ node, device: bridgeOf(found, network), ...(engine !== undefined && { engine }) }];
  }
  return Promise.all(
    spanned.map(async (name) => {
      const node = await hostOn(engineNamed(name));
      return { node, engine: name, ...(await tunnelsOf(found, network, engineNamed(name), node)) };
    }),
  );
}

/** The pseudo-node on the host's network; it is started when there is none. */
export async function openHost(lab: FoundLab, engine: Engine = homeOf(lab)): Promise<LabNode> {
  const definition: TopologyNode = { role: 'client', network: hostNodeName, address: '0.0.0.0' };
  const running = lab.containers.find(
    ({ Labels, handle }) => Labels[labels.node] === hostNodeName && engineOf(handle) === engine,
  )?.handle;
  return nodeFrom(hostNodeName, definition, running ?? (await startHost(lab, engine)));
}

/** What starts containers takes longer to load than most commands take to run. */
async function startHost(lab: FoundLab, engine: Engine): Promise<Container> {
  const { startHostNode } = await import('../nodes/node-container');
  return startHostNode(await ensureNodeImage(silent), lab, engine);
}

export function nodeFrom(name: string, definition: TopologyNode, body: NodeBody): LabNode {
  return {
    name,
    definition,
    exec: (argv, options) => exec(body, argv, options),
    start: (argv) => start(body, argv),
    converse: (argv) => converse(body, argv),
    async readFile(path) {
      const { exitCode, stdout, stderr } = await exec(body, ['cat', path]);
      if (exitCode === 0) return stdout;
      throw new LabError('FILE_UNREADABLE', `${path} on ${name} cannot be read: ${stderr.toString().trim()}`);
    },
    async writeFile(path, content) {
      // The root is read-only, which the engine's archive call refuses; tee writes where the node itself may.
      const { exitCode, stderr } = await exec(body, ['tee', path], { input: content });
      if (exitCode !== 0)
        throw new LabError(
          'FILE_UNWRITABLE',
          `${path} on ${name} cannot be written: ${stderr.toString().trim()}`,
        );
    },
  };
}

/**
 * The labels that make containers and networks ours. They are the only record of what runs: a lab is found, described
 * and removed by them, also after a crash of the program that started it.
 */
import type { Flavour } from '../../plan/flavour';
import type { Topology } from '../../topology/types';
import type { Owner } from './owner';

export const labels = {
  /** The lab's name. On every container and network of a lab, and the only label that removal looks at. */
  name: 'tcpcopy-lab.name',
  /** Tells one start of a lab from every other, so that a start that failed removes only what it made itself. */
  run: 'tcpcopy-lab.run',
  /** The program that started the lab, as JSON. */
  starter: 'tcpcopy-lab.starter',
  /** How often the lab was changed to another topology. Of what differs, the highest tells what the lab is. */
  revision: 'tcpcopy-lab.revision',
  /** `true` on a container that never runs, and only carries labels: a change need not make any other part anew. */
  record: 'tcpcopy-lab.record',
  /** `true` when the lab is of no use without its starter. */
  own: 'tcpcopy-lab.own',
  /** The topology's name. */
  topologyName: 'tcpcopy-lab.topology',
  /** The whole topology as JSON, as it was started (after any relocation). On every container and network. */
  topology: 'tcpcopy-lab.topology.json',
  /** `true` when the lab was started without the copy. */
  bare: 'tcpcopy-lab.bare',
  /** The programs that it has in the place of ours, as JSON; not there when it has ours. */
  components: 'tcpcopy-lab.components',
  /** Where the engines are that it stands on, by name, as JSON; not there when it is one. */
  engines: 'tcpcopy-lab.engines',
  /** Names of engines that were brought into a swarm for it, as JSON; not there when none was. */
  swarm: 'tcpcopy-lab.swarm',
  /** On a record: names of machines on which something of the lab was left, as JSON. It stays until nothing is. */
  left: 'tcpcopy-lab.left',
  /** Name of the node that a container is. */
  node: 'tcpcopy-lab.node',
  /** The node's role, or `host` for the pseudo-node on the host's network, or `holder` for one beside a node. */
  role: 'tcpcopy-lab.role',
  /** Of a container of the user's: name of the node that it belongs to. */
  serves: 'tcpcopy-lab.serves',
  /** The same: its name there. */
  service: 'tcpcopy-lab.service',
  /** Name of the topology's network that a Docker network is. */
  network: 'tcpcopy-lab.network',
  /** On networks with a router: the image that takes their rules away from the firewall of the engine's machine. */
  forwarding: 'tcpcopy-lab.forwarding',
  /** On images: which stage of ours they are. */
  image: 'tcpcopy-lab.image',
  /** On images of the user's: the folder that they were built from. */
  folder: 'tcpcopy-lab.folder',
} as const;

/** Other builds of tcpcopy and intercept, which a lab has in the place of ours. */
export interface Components {
  /** On this host, as an absolute path; nodes have it read-only. */
  readonly directory: string;
  readonly flavour: Flavour;
}

export interface LabIdentity {
  /** Unique to one start. */
  readonly run: string;
  /** How often it was changed since. */
  readonly revision: number;
  /** The program that started it. */
  readonly starter: Owner;
  /** Nobody else's: when its starter is gone, whoever starts a lab next removes it. */
  readonly own: boolean;
  readonly name: string;
  readonly topology: Topology;
  readonly bare: boolean;
  /** Undefined when its programs are ours. */
  readonly components: Components | undefined;
  /** The addresses of the engines that it stands on, by name; undefined when it is one. */
  readonly engines: Readonly<Record<string, string>> | undefined;
  /** Names of engines that were brought into a swarm for it. */
  readonly swarm: readonly string[];
}

/** The labels that every part of a lab carries. */
export function labelsOf(lab: LabIdentity): Record<string, string> {
  return {
    [labels.name]: lab.name,
    [labels.run]: lab.run,
    [labels.revision]: String(lab.revision),
    [labels.starter]: JSON.stringify(lab.starter),
    [labels.own]: String(lab.own),
    [labels.topologyName]: lab.topology.name,
    [labels.topology]: JSON.stringify(lab.topology),
    [labels.bare]: String(lab.bare),
    ...(lab.components && { [labels.components]: JSON.stringify(lab.components) }),
    ...(lab.swarm.length > 0 && { [labels.swarm]: JSON.stringify(lab.swarm) }),
    ...(lab.engines && { [labels.engines]: JSON.stringify(lab.engines) }),
  };
}

/** Reads back what {@link labelsOf} wrote; undefined when the labels are not a lab's. */
export function identityFrom(carried: Readonly<Record<string, string>>): LabIdentity | undefined {
  const name = carried[labels.name];
  const topology = carried[labels.topology];
  if (name === undefined || topology === undefined) return undefined;
  const components = carried[labels.components];
  const engines = carried[labels.engines];
  return {
    name,
    run: carried[labels.run] ?? '',
    revision: Number(carried[labels.revision] ?? 0),
    starter: JSON.parse(carried[labels.starter] ?? '{}') as Owner,
    own: carried[labels.own] === 'true',
    topology: JSON.parse(topology) as Topology,
    bare: carried[labels.bare] === 'true',
    components: components === undefined ? undefined : (JSON.parse(components) as Components),
    engines: engines === undefined ? undefined : (JSON.parse(engines) as Record<string, string>),
    swarm: JSON.parse(carried[labels.swarm] ?? '[]') as string[],
  };
}

/** A filter for the engine's list calls: everything of ours, or what carries the label with that value. */
export function labelFilter(label: string = labels.name, value?: string): string {
  return JSON.stringify({ label: [value === undefined ? label : `${label}=${value}`] });
}

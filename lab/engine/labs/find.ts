/** The labs that there are, read from the labels of what runs. */
import type { Container, ContainerInfo, Network, NetworkInspectInfo } from 'dockerode';
import { docker } from '../docker/connection';
import { LabError } from '../docker/errors';
import { identityFrom, labelFilter, labels, type LabIdentity } from '../docker/labels';

/** As its engine lists it, with what it is spoken to by. */
export interface FoundContainer extends ContainerInfo {
  readonly handle: Container;
}

/** The same of a network. */
export interface FoundNetwork extends NetworkInspectInfo {
  readonly handle: Network;
}

export interface FoundLab extends LabIdentity {
  readonly containers: readonly FoundContainer[];
  readonly networks: readonly FoundNetwork[];
}

/** Every lab of which a container or a network is left, running or not; by name. */
export async function findLabs(): Promise<FoundLab[]> {
  const { containers, networks } = await findParts(labelFilter());
  const identities = new Map<string, LabIdentity>();
  for (const { Labels } of [...containers, ...networks]) {
    const identity = Labels && identityFrom(Labels);
    if (identity && identity.revision >= (identities.get(identity.name)?.revision ?? 0))
      identities.set(identity.name, identity);
  }
  return [...identities.values()]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((identity) => ({
      ...identity,
      containers: containers.filter(({ Labels }) => Labels[labels.name] === identity.name),
      networks: networks.filter(({ Labels }) => Labels?.[labels.name] === identity.name),
    }));
}

/** What there is that meets a filter of the engine's list calls. */
export async function findParts(filters: string): Promise<Pick<FoundLab, 'containers' | 'networks'>> {
  const engine = docker();
  const [containers, networks] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
  ]);
  return {
    containers: containers.map((one) => ({ ...one, handle: engine.getContainer(one.Id) })),
    networks: networks.map((one) => ({ ...one, handle: engine.getNetwork(one.Id) })),
  };
}

/** The lab of that name, or the only one when no name is given. */
export async function findLab(name?: string): Promise<FoundLab> {
  const found = await findLabs();
  const names = found.map((lab) => lab.name).join(', ');
  if (name !== undefined) {
    const lab = found.find((candidate) => candidate.name === name);
    if (lab) return lab;
    throw new LabError(
      'LAB_UNKNOWN',
      `There is no lab named ${name}.`,
      names ? `Running: ${names}.` : 'No lab is running; `lab up` starts one.',
    );
  }
  if (found.length === 0) throw new LabError('LAB_UNKNOWN', 'No lab is running.', '`lab up` starts one.');
  if (found.length > 1) {
    throw new LabError('LAB_AMBIGUOUS', `Several labs are running: ${names}.`, 'Say which with --name.');
  }
  return found[0]!;
}

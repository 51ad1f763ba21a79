/** The labs that there are, read from the labels of what runs. */
import type { Container, ContainerInfo, Network, NetworkInspectInfo } from 'dockerode';
import { engines, learnEngines, type Engine } from '../docker/connection';
import { inTime } from '../docker/in-time';
import { isGoneNetwork, LabError } from '../docker/errors';
import { identityFrom, labelFilter, labels, type LabIdentity } from '../docker/labels';

const ATTEMPTS_MAX = 5;

/** As its engine lists it, with what it is spoken to by. */
export interface FoundContainer extends ContainerInfo {
  readonly handle: Container;
}

/** The same of a network. */
export interface FoundNetwork extends NetworkInspectInfo {
  readonly handle: Network;
}

/** What engines say that there is. */
export interface FoundParts {
  readonly containers: readonly FoundContainer[];
  readonly networks: readonly FoundNetwork[];
  /** Names of engines that did not answer: there may be more on them. */
  readonly unreached: readonly string[];
}

export interface FoundLab extends LabIdentity, FoundParts {}

/** Every lab of which a container or a network is left, running or not; by name. Engines that a lab says it stands on are looked at, too. */
export async function findLabs(): Promise<FoundLab[]> {
  const found = await findKnown();
  const further = Object.assign({}, ...found.map((lab) => lab.engines ?? {})) as Record<string, string>;
  return learnEngines(further) ? findLabs() : found;
}

async function findKnown(): Promise<FoundLab[]> {
  const { containers, networks, unreached } = await findParts(labelFilter());
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
      unreached: unreached.filter((name) => name in (identity.engines ?? {})),
    }));
}

/** What there is that meets a filter of the engines' list calls. Rejects when none of them answers. */
export async function findParts(filters: string): Promise<FoundParts> {
  const asked = await Promise.allSettled(engines().map((engine) => partsOn(engine, filters)));
  const parts = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [failed] = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  if (parts.length === 0) throw failed!;
  return {
    containers: firstOfEach(parts.flatMap(({ containers }) => containers)),
    networks: firstOfEach(parts.flatMap(({ networks }) => networks)),
    unreached: engines().flatMap(({ name }, index) => (asked[index]!.status === 'rejected' ? [name] : [])),
  };
}

type PartsOn = Pick<FoundParts, 'containers' | 'networks'>;

async function partsOn(engine: Engine, filters: string, attempt = 1): Promise<PartsOn> {
  try {
    return await inTime(engine, (abortSignal) => listedOn(engine, filters, abortSignal));
  } catch (cause) {
    // It goes through its networks one by one, and some may go meanwhile.
    if (attempt === ATTEMPTS_MAX || !isGoneNetwork(cause)) throw cause;
    return partsOn(engine, filters, attempt + 1);
  }
}

async function listedOn({ api }: Engine, filters: string, abortSignal: AbortSignal): Promise<PartsOn> {
  const [containers, networks] = await Promise.all([
    api.listContainers({ all: true, filters, abortSignal }),
    api.listNetworks({ filters, abortSignal }),
  ]);
  return {
    containers: containers.map((one) => ({ ...one, handle: api.getContainer(one.Id) })),
    networks: networks.map((one) => ({ ...one, handle: api.getNetwork(one.Id) })),
  };
}

/** Each engine lists a network that spans them, and an engine may be known by two names. */
const firstOfEach = <T extends { readonly Id: string }>(parts: readonly T[]): T[] =>
  [...new Map(parts.toReversed().map((part) => [part.Id, part])).values()].toReversed();

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

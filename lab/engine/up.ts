/** Starts a lab, or leaves nothing behind. */
import { machineLines } from '../plan/machines';
import { placedOn } from '../plan/placement';
import { planFor } from '../plan/plan';
import { withImages } from '../plan/services';
import { machinesIn } from '../topology/machines';
import type { Topology } from '../topology/types';
import { randomUUID } from 'node:crypto';
import { carryOut } from './carry-out';
import { assertPrograms, assertSame, resolveComponents, type ComponentsChoice } from './nodes/components';
import { engines } from './docker/connection';
import { isTaken, LabError } from './docker/errors';
import type { LabIdentity } from './docker/labels';
import { down } from './down';
import { assertAbandoned, isComplete, markComplete } from './completeness';
import { findLab, findLabs, type FoundLab } from './labs/find';
import { thisProcess } from './docker/owner';
import { bringImages } from './services/bring';
import { ensureNodeImage } from './images/ensure';
import { ensureServiceImages } from './services/images';
import { makeKit } from './machines/kit';
import { assertMachinesFit } from './machines/take';
import type { RunningLab, Vantage } from './commands/lab';
import { silent, type Progress } from './docker/progress';
import { refusedSubnets, type OccupiedSubnet } from './labs/occupied';
import { placeTopology } from './labs/place';
import { leaveSwarm, makeSwarm } from './labs/swarm';
import { removeAbandoned, removeLab, removeRun } from './labs/remove';
import { assertEngines } from './nodes/assert-engines';
import { runningLabFrom, vantagesOn } from './running/running-lab';

export interface UpOptions {
  /** The lab's name; default the topology's. */
  readonly name?: string;
  /** Nodes and servers only. */
  readonly bare?: boolean;
  /** Other programs in the place of ours. */
  readonly components?: ComponentsChoice;
  /** CIDR that the topology's (only) network is moved to. */
  readonly subnet?: string;
  /** Nobody has its addresses in mind: it moves also when something else than a lab of ours has its subnets. */
  readonly anywhere?: boolean;
  /** Engines that are in no swarm are brought into one where a network spans them, and leave it with the lab. */
  readonly initSwarm?: boolean;
  /** Whether all of this may be done on the topology's machines, a line each; without it nothing is. */
  readonly agreeTo?: (lines: readonly string[]) => Promise<boolean>;
  /** An archive of `make dist`, whose programs machines are given in the place of the lab's own. */
  readonly release?: string;
  /** Of no use without this process: when it is gone, whoever starts a lab next removes it. */
  readonly own?: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Awaited when a network is there, before anything is on it: from then on it can be watched from these places. */
  readonly onNetwork?: (network: string, vantages: readonly Vantage[]) => Promise<void>;
}

export interface UpResult {
  readonly lab: RunningLab;
  /** Unique to this start of it. */
  readonly run: string;
  readonly bare: boolean;
  /** True when the lab was running before, and nothing was changed. */
  readonly alreadyRunning: boolean;
}

/** Another lab may take the same free subnet between the choice and the making. */
const attempts_max = 5;

/** The runs that this process is starting. */
const underWay = new Set<string>();

/** `written` must be valid. Rejects with the reason after everything that was started is removed again. */
export async function up(written: Topology, options: UpOptions): Promise<UpResult> {
  const topology = placedOn(
    written,
    engines().map((engine) => engine.name),
  );
  const name = options.name ?? topology.name;
  const { progress } = options;
  if (options.components) await assertPrograms(options.components.directory);
  const there = await runningAlready(name, options);
  if (there) return there;

  const swarm = options.initSwarm ? await makeSwarm(topology, progress) : [];
  try {
    return await start(topology, name, swarm, options);
  } catch (failure) {
    await leaveSwarm(swarm, progress);
    throw failure;
  }
}

/** What was started of it is removed again where this rejects. */
async function start(
  topology: Topology,
  name: string,
  swarm: readonly string[],
  options: UpOptions,
): Promise<UpResult> {
  const { progress, signal } = options;
  await assertEngines(topology, options.components !== undefined);
  const bare = options.bare ?? false;
  await assertAgreed(topology, bare, options.agreeTo);
  // Whether there is a place is known in milliseconds; an image may take a minute.
  await placeTopology(topology, options, silent);
  const image = await ensureNodeImage(progress, signal);
  const imageOf = await ensureServiceImages(withImages(topology), progress, signal);
  await assertMachinesFit(topology);
  await using kit =
    machinesIn(topology).size > 0
      ? await progress.step('pack what machines are given', () => makeKit(options.release))
      : undefined;
  await bringImages(topology, image, imageOf, progress, signal);
  const components = options.components && (await resolveComponents(options.components, topology, image));
  const plan = { bare, flavour: components?.flavour ?? 'ours' } as const;
  const refused: OccupiedSubnet[] = [];
  for (let attempt = 1; ; attempt++) {
    // Another start of the same name may have begun meanwhile; its subnets are no reason to move.
    const there = await runningAlready(name, options);
    if (there) return there;
    const placed = await placeTopology(topology, options, progress, refused);
    const [run, starter, own] = [randomUUID(), thisProcess(), options.own ?? false];
    const lab = {
      name,
      run,
      revision: 0,
      starter,
      own,
      topology: placed,
      bare,
      components,
      engines: enginesSaid(),
      swarm,
    };
    underWay.add(run);
    try {
      signal.throwIfAborted();
      const onNetwork = options.onNetwork && announcing(name, options.onNetwork);
      await carryOut(planFor(placed, plan), {
        lab,
        image,
        imageOf,
        kit: kit?.archive,
        progress,
        signal,
        onNetwork,
      });
      const found = await findLab(name);
      await markComplete(found);
      return { ...started(found), alreadyRunning: false };
    } catch (failure) {
      await progress.step('remove what was started', () => removeStarted(lab, progress));
      if (attempt === attempts_max || !isTaken(failure)) throw failure;
      if (failure.code === 'SUBNET_TAKEN') refused.push(...refusedSubnets(placed));
    } finally {
      underWay.delete(run);
    }
  }
}

/** @throws LabError where the lab of that name is being started by somebody else, or has other programs */
async function runningAlready(
  name: string,
  { progress, components }: UpOptions,
): Promise<UpResult | undefined> {
  const existing = await wholeOrRemoved(name, progress);
  if (!existing) return undefined;
  if (components) assertSame(existing, components);
  return { ...started(existing), alreadyRunning: true };
}

/** The lab of that name, if it is whole; what is left of one that was abandoned is removed, as are labs of others that are gone. */
async function wholeOrRemoved(name: string, progress: Progress): Promise<FoundLab | undefined> {
  const found = await removeAbandoned(progress, (lab) => removeStarted(lab, progress));
  const existing = found.find((lab) => lab.name === name);
  if (!existing || (await isComplete(existing))) return existing;
  assertAbandoned(existing, underWay);
  progress.note(`An earlier lab ${name} is not whole any more, or was never finished.`);
  await progress.step('remove what is left of it', () =>
    machinesIn(existing.topology).size > 0 ? down(existing, progress) : removeLab(name),
  );
  const left = (await findLabs()).find((lab) => lab.name === name);
  if (!left) return undefined;
  throw new LabError(
    'REMOVAL_FAILED',
    `Something of an earlier lab ${name} is left on its machines.`,
    `\`lab down ${name}\` says why; or choose another name with --name.`,
  );
}

/** On machines in the order of the plan, as nobody else cleans up there. */
async function removeStarted({ name, run, topology }: LabIdentity, progress: Progress): Promise<void> {
  const onMachines = machinesIn(topology).size > 0;
  const found = onMachines ? (await findLabs()).find((lab) => lab.run === run) : undefined;
  if (found) await down(found, progress);
  else
    for (const engine of await removeRun(run))
      progress.note(
        `${engine} does not answer; once it does, \`lab down ${name}\` removes what is left there`,
      );
}

/** @throws LabError `MACHINES_NOT_AGREED` */
async function assertAgreed(topology: Topology, bare: boolean, agreeTo: UpOptions['agreeTo']): Promise<void> {
  const lines = machineLines(topology, planFor(topology, { bare }));
  if (lines.length === 0 || (await agreeTo?.(lines))) return;
  throw new LabError(
    'MACHINES_NOT_AGREED',
    `Nothing was done: topology ${topology.name} has machines (${[...machinesIn(topology).keys()].join(', ')}), and nobody agreed to what is done there.`,
    `Read it (lab plan), and agree: lab up --yes, or startLab(topology, { machines: 'agreed' }).`,
  );
}

/** What others need to find all of the lab by. */
function enginesSaid(): Record<string, string> | undefined {
  if (engines().length < 2) return undefined;
  return Object.fromEntries(engines().map(({ name, address }) => [name, address]));
}

const started = (found: FoundLab) => ({
  lab: runningLabFrom(found),
  run: found.run,
  bare: found.bare,
});

function announcing(lab: string, onNetwork: NonNullable<UpOptions['onNetwork']>) {
  return async (network: string): Promise<void> =>
    onNetwork(network, await vantagesOn(await findLab(lab), network));
}

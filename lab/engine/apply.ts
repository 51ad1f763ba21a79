/** Changes a running lab to another topology: what differs is undone and done, all else stays. */
import type { Container } from 'dockerode';
import { differenceOf, isEmpty, type Difference, type Planned } from '../plan/change/difference';
import { placedOn } from '../plan/placement';
import { planFor } from '../plan/plan';
import { withImages } from '../plan/services';
import type { PlanStep } from '../plan/step';
import { overlap, parseSubnet } from '../topology/addresses';
import { subnetsOf } from '../topology/subnets';
import { relocate } from '../topology/relocate';
import { machinesIn } from '../topology/machines';
import type { Topology } from '../topology/types';
import { carryOut } from './carry-out';
import { HERE } from './docker/connection';
import { isComplete, markComplete } from './completeness';
import { LabError, reasonOf } from './docker/errors';
import { labels, type LabIdentity } from './docker/labels';
import { hostNodeName } from './docker/names';
import type { Progress } from './docker/progress';
import { ensureNodeImage } from './images/ensure';
import { findLab, type FoundLab } from './labs/find';
import { occupiedSubnets, type OccupiedSubnet } from './labs/occupied';
import { placeAmong } from './labs/place';
import { record } from './labs/record';
import { assertEngines } from './nodes/assert-engines';
import { assertUsable } from './nodes/components';
import { renameNeighbours } from './nodes/neighbours';
import { ensureServiceImages } from './services/images';
import { undoStep } from './undo';

export interface ApplyOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Only says what differs. */
  readonly dryRun?: boolean;
  /** Networks stay where they are, also where they had to move once and need no longer. */
  readonly inPlace?: boolean;
  /** Called before anything is changed. */
  readonly onDifference?: (difference: Difference) => void;
}

/** A lab as it is, and as it is to be, with what is needed for both. */
interface Change {
  readonly from: LabIdentity;
  readonly to: LabIdentity;
  readonly difference: Difference;
  readonly making: {
    readonly image: string;
    readonly imageOf: Awaited<ReturnType<typeof ensureServiceImages>>;
    readonly progress: Progress;
  };
}

/**
 * `written` must be valid. Where it fails the lab is as it was before, and the reason is thrown. Links that were changed by hand
 * (`lab link`) stay as they are where both topologies have the same.
 */
export async function apply(
  name: string,
  written: Topology,
  { progress, signal, dryRun = false, inPlace = false, onDifference }: ApplyOptions,
): Promise<Difference> {
  const lab = await findLab(name);
  if (!dryRun && machinesIn(lab.topology).size + machinesIn(written).size > 0)
    throw new LabError(
      'MACHINES_NOT_AGREED',
      `Lab ${name} has machines as nodes, or is to have some, and is not changed while it runs.`,
      `lab down ${name}, then lab up.`,
    );
  if (!(await isComplete(lab)))
    throw new LabError(
      'LAB_INCOMPLETE',
      `Lab ${name} is not whole any more.`,
      `lab down ${name}, then lab up.`,
    );
  const flavour = lab.components?.flavour ?? 'ours';
  const names = lab.engines ? Object.keys(lab.engines) : [HERE];
  const placed = placedOn(written, names);
  await assertEngines(placed, lab.components !== undefined);
  const topology = placeAgain(placed, lab, await occupiedSubnets(), inPlace, progress);
  assertUsable(topology, flavour);
  const planned = (of: Topology): Planned => ({
    topology: of,
    plan: planFor(of, { bare: lab.bare, flavour }),
  });
  const difference = differenceOf(planned(lab.topology), planned(topology));
  onDifference?.(difference);
  if (dryRun || isEmpty(difference)) return difference;
  const image = await ensureNodeImage(progress, signal);
  const images = [...withImages(lab.topology), ...withImages(topology)];
  const imageOf = await ensureServiceImages(images, progress, signal);
  signal.throwIfAborted();
  const to = { ...lab, topology, revision: lab.revision + 1 };
  await carryOver({ from: lab, to, difference, making: { image, imageOf, progress } }, signal);
  return difference;
}

async function carryOver(change: Change, signal: AbortSignal): Promise<void> {
  const { from, to, difference, making } = change;
  const undone: PlanStep[] = [];
  try {
    for (const step of difference.undone) {
      signal.throwIfAborted();
      undone.push(step);
      await undoStep(to.name, step, making.progress);
    }
    const kept = await runningNodes(to.name);
    await renameNeighbours(to, making.image, kept, from.topology);
    await carryOut({ steps: difference.done }, { ...making, lab: to, containers: kept, signal });
    await markComplete({ ...(await findLab(to.name)), topology: to.topology });
    await record(to, making.image);
  } catch (failure) {
    await goBack(change, undone.toReversed(), failure);
    throw failure;
  }
}

/** @param undone steps of the earlier plan that are to be done again, in its order */
async function goBack(
  { from, to, difference, making }: Change,
  undone: readonly PlanStep[],
  failure: unknown,
): Promise<void> {
  const { progress } = making;
  progress.note(`${reasonOf(failure)}; everything is made as it was`);
  for (const step of difference.done.toReversed())
    await undoStep(to.name, step, progress).catch((cause: unknown) => progress.note(reasonOf(cause)));
  try {
    const kept = await runningNodes(to.name);
    await renameNeighbours(from, making.image, kept, to.topology);
    // Whoever asked for an end is to have the lab as it was, too.
    const { signal } = new AbortController();
    await carryOut({ steps: undone }, { ...making, lab: from, containers: kept, signal });
    await markComplete({ ...(await findLab(from.name)), topology: from.topology });
  } catch (cause) {
    throw new LabError(
      'STEP_FAILED',
      `${reasonOf(failure)} And it could not be undone: ${reasonOf(cause)}`,
      `Make it anew: lab down ${from.name}, then lab up.`,
      { cause },
    );
  }
}

async function runningNodes(name: string): Promise<Map<string, Container>> {
  const { containers } = await findLab(name);
  const running = containers.flatMap(({ State, handle, Labels }): [string, Container][] => {
    const node = Labels[labels.node];
    return State === 'running' && node !== undefined && node !== hostNodeName ? [[node, handle]] : [];
  });
  return new Map(running);
}

/** A network that moved when the lab was started, because somebody has its subnet, stays where it is. */
function placeAgain(
  written: Topology,
  { name, topology: running }: FoundLab,
  occupied: readonly OccupiedSubnet[],
  inPlace: boolean,
  progress: Progress,
): Topology {
  const others = occupied.filter(({ lab }) => lab !== name);
  const moved = subnetsOf(written).reduce((topology, { network, key, subnet: cidr }) => {
    const [subnet, there] = [parseSubnet(cidr)!, parseSubnet(running.networks[network]?.[key] ?? '')];
    const stays = inPlace || others.some((other) => overlap(other.subnet, subnet));
    return there?.prefix === subnet.prefix && stays ? relocate(topology, network, there) : topology;
  }, written);
  return placeAmong(moved, {}, others, progress);
}

/** Removes whatever carries a lab's label, whoever started it and however it ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGoneNetwork, isUsedNetwork, LabError } from '../docker/errors';
import { isGone } from '../docker/owner';
import type { Progress } from '../docker/progress';
import { stopForwarded } from './forwarding';
import { findLabs, findParts, type FoundLab } from './find';
import { labelFilter, labels } from '../docker/labels';
import { hostNodeName } from '../docker/names';

/** How often containers or networks that are still being made may show up anew. */
const sweeps_max = 20;
/** What goes on engines of a swarm goes a moment later on the others. */
const PAUSE_MS = 200;

/** Removes every part of the lab of that name; resolves when none is left, but the record of machines where that is to stay. */
export async function removeLab(name: string, { withRecord = true } = {}): Promise<void> {
  await removeAll(labelFilter(labels.name, name), `lab ${name}`, withRecord);
}

/**
 * Removes the labs that were their starter's own, where that was killed or did not clean up. Resolves with the others.
 *
 * @param remove what takes a lab away
 */
export async function removeAbandoned(
  progress: Progress,
  remove: (lab: FoundLab) => Promise<void>,
): Promise<FoundLab[]> {
  const found = await findLabs();
  const abandoned = found.filter(({ own, starter }) => own && isGone(starter));
  for (const lab of abandoned) {
    const title = `remove lab ${lab.name}, whose process (${lab.starter.pid}) is gone`;
    await progress.step(title, () => remove(lab));
  }
  return found.filter((lab) => !abandoned.includes(lab));
}

/** Removes the nodes of a lab, and leaves its networks and what watches them. */
export async function removeNodes({ containers }: FoundLab): Promise<void> {
  const nodes = containers.filter(({ Labels }) => Labels[labels.node] !== hostNodeName);
  await Promise.all(nodes.map(({ handle }) => ignoringGone(handle.remove({ force: true, v: true }))));
}

/** Removes what one start of a lab made, and nothing else. @returns names of engines that do not answer */
export function removeRun(run: string): Promise<readonly string[]> {
  return removeAll(labelFilter(labels.run, run), 'what was started');
}

async function removeAll(filters: string, what: string, withRecord = true): Promise<readonly string[]> {
  for (let sweep = 0; sweep < sweeps_max; sweep++) {
    if (sweep > 1) await sleep(PAUSE_MS);
    const { containers: all, networks: before } = await findParts(filters);
    const containers = all.filter(({ Labels }) => withRecord || Labels[labels.left] === undefined);
    await stopForwarded(before);
    await Promise.all(containers.map(({ handle }) => ignoringGone(handle.remove({ force: true, v: true }))));
    const { networks, unreached } = await findParts(filters);
    await Promise.all(networks.map(({ handle }) => ignoringGone(handle.remove())));
    if (containers.length === 0 && networks.length === 0) return unreached;
    // A network that spans engines stays until the last of them has let go of it.
    if (unreached.length > 0 && containers.length === 0) return unreached;
  }
  throw new LabError(
    'REMOVAL_FAILED',
    `The Docker engine does not let go of ${what}.`,
    'Look at `docker ps -a` and `docker network ls`, then run `lab down` again.',
  );
}

/** Another sweep may have been faster (404), be at it (409), or the network still have a leaving container (403; of a swarm 400). */
async function ignoringGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const { statusCode = 0 } = error as { statusCode?: number };
    if (![403, 404, 409].includes(statusCode) && !isGoneNetwork(error) && !isUsedNetwork(error)) throw error;
  }
}

/** Removes whatever carries a lab's label, whoever started it and however it ended. */
import { LabError } from '../docker/errors';
import { isGone } from '../docker/owner';
import type { Progress } from '../docker/progress';
import { stopForwarded } from './forwarding';
import { findLabs, findParts, type FoundLab } from './find';
import { labelFilter, labels } from '../docker/labels';
import { hostNodeName } from '../docker/names';

/** How often containers or networks that are still being made may show up anew. */
const sweeps_max = 20;

/** Removes every part of the lab of that name; resolves when none is left. */
export function removeLab(name: string): Promise<void> {
  return removeAll(labelFilter(labels.name, name), `lab ${name}`);
}

/** Removes the labs that were their starter's own, where that was killed or did not clean up. Resolves with the others. */
export async function removeAbandoned(progress: Progress): Promise<FoundLab[]> {
  const found = await findLabs();
  const abandoned = found.filter(({ own, starter }) => own && isGone(starter));
  for (const { name, run, starter } of abandoned) {
    const title = `remove lab ${name}, whose process (${starter.pid}) is gone`;
    await progress.step(title, () => removeRun(run));
  }
  return found.filter((lab) => !abandoned.includes(lab));
}

/** Removes the nodes of a lab, and leaves its networks and what watches them. */
export async function removeNodes({ containers }: FoundLab): Promise<void> {
  const nodes = containers.filter(({ Labels }) => Labels[labels.node] !== hostNodeName);
  await Promise.all(nodes.map(({ handle }) => ignoringGone(handle.remove({ force: true, v: true }))));
}

/** Removes what one start of a lab made, and nothing else. */
export function removeRun(run: string): Promise<void> {
  return removeAll(labelFilter(labels.run, run), 'what was started');
}

async function removeAll(filters: string, what: string): Promise<void> {
  for (let sweep = 0; sweep < sweeps_max; sweep++) {
    const { containers, networks: before } = await findParts(filters);
    await stopForwarded(before);
    await Promise.all(containers.map(({ handle }) => ignoringGone(handle.remove({ force: true, v: true }))));
    const { networks } = await findParts(filters);
    await Promise.all(networks.map(({ handle }) => ignoringGone(handle.remove())));
    if (containers.length === 0 && networks.length === 0) return;
  }
  throw new LabError(
    'REMOVAL_FAILED',
    `The Docker engine does not let go of ${what}.`,
    'Look at `docker ps -a` and `docker network ls`, then run `lab down` again.',
  );
}

/** Another sweep may have been faster (404), be at it (409), or the network still have a leaving container (403). */
async function ignoringGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (![403, 404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
  }
}

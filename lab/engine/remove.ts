/** Removes whatever carries a lab's label, whoever started it and however it ended. */
import { docker } from './docker';
import { findLabs } from './find-labs';
import { labelFilter } from './labels';

/** How often containers or networks that are still being made may show up anew. */
const sweeps_max = 20;

/** Removes containers and networks of the lab; resolves when none are left. */
export async function removeByLabel(lab: string): Promise<void> {
  const filters = JSON.stringify(labelFilter(lab));
  for (let sweep = 0; sweep < sweeps_max; sweep++) {
    const containers = await docker().listContainers({ all: true, filters });
    await Promise.all(
      containers.map(({ Id }) => ignoringGone(docker().getContainer(Id).remove({ force: true, v: true }))),
    );
    const networks = await docker().listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => ignoringGone(docker().getNetwork(Id).remove())));
    if (containers.length === 0 && networks.length === 0) return;
  }
  const left = (await findLabs()).filter(({ name }) => name === lab);
  if (left.length > 0) throw new Error(`Parts of lab ${lab} cannot be removed.`);
}

/** Another sweep may have been faster (404), be at it (409), or the network still have a leaving container (403). */
async function ignoringGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (![403, 404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
  }
}

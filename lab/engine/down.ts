/** Takes a lab down in the plan's reversed order, whatever state it is in. */
import { planFor } from '../plan/plan';
import type { Undo } from '../plan/step';
import { teardownOf } from '../plan/teardown';
import { reasonOf } from './docker/errors';
import { findLabs, type FoundLab } from './labs/find';
import { labels } from './docker/labels';
import type { Progress } from './docker/progress';
import { leaveSwarm } from './labs/swarm';
import { leftName, recordLeft } from './labs/record';
import { removeLab, removeNodes } from './labs/remove';
import { takenMachines } from './taken-machines';
import { undoCommand } from './undo';

/**
 * Resolves when no part of the lab is left, but on machines that do not answer: then a record of it is. What fails on the way is told as
 * notes.
 *
 * @param onEmpty awaited when no node is left on the networks, before they go as well
 */
export async function down(lab: FoundLab, progress: Progress, onEmpty?: () => Promise<void>): Promise<void> {
  const running = new Map(
    lab.containers
      .filter(({ State }) => State === 'running')
      .map(({ handle, Labels }) => [Labels[labels.node]!, handle]),
  );

  const taken = await takenMachines(lab);
  const behind: Undo[] = [];
  let isStuck = false;
  // A bare lab may have been given its copy by hand, so the copy is undone there as well.
  for (const undo of teardownOf(planFor(lab.topology))) {
    if (taken.concerns(undo)) {
      if (isStuck) behind.push(undo);
      else await taken.undo(undo, progress);
      continue;
    }
    if (undo.kind !== 'command' || isStuck || !running.has(undo.node)) continue;
    try {
      await progress.step(undo.title, () => undoCommand(undo, (node) => running.get(node)!));
    } catch (failure) {
      // What guards must not go before what it guards against: from here on everything goes with its node, and the
      // kernel keeps a node's rules until its last process is gone.
      progress.note(`${undo.title}: ${reasonOf(failure)}; removing the nodes as they are`);
      isStuck = true;
    }
  }
  if (behind.length > 0) await removeNodes(lab);
  for (const undo of behind) await taken.undo(undo, progress);
  const left = [...taken.left];
  if (left.length > 0)
    await recordLeft(
      lab,
      left.map(([name]) => name),
    );
  await progress.step('remove nodes and networks', async () => {
    if (onEmpty) {
      await removeNodes(lab);
      await onEmpty();
    }
    await removeLab(lab.name, { withRecord: left.length === 0 });
  });
  for (const [name, why] of left)
    progress.note(
      `${name}: ${why} Until \`lab down ${lab.name}\` has removed what is left there, the container ${leftName(lab)} keeps it in mind`,
    );
  if (lab.swarm.length > 0) await leaveUnlessUsed(lab, progress);
  for (const engine of lab.unreached)
    progress.note(
      `${engine} does not answer; once it does, \`lab down ${lab.name}\` removes what is left there`,
    );
}

/** A swarm that was made for a lab goes with it, unless another one stands on it by now, or an engine still has to be cleaned. */
async function leaveUnlessUsed({ name, swarm, unreached }: FoundLab, progress: Progress): Promise<void> {
  const users = (await findLabs()).filter((lab) => lab.name !== name && lab.engines !== undefined);
  if (users.length > 0)
    progress.note(
      `lab ${users[0]!.name} stands on the swarm; \`docker swarm leave\` ends it on ${swarm.join(' and ')}`,
    );
  else if (unreached.length === 0) await leaveSwarm(swarm, progress);
}

/** Takes a lab of that name down, where there is one. */
export async function downIfThere(name: string, progress: Progress): Promise<void> {
  const found = (await findLabs()).find((lab) => lab.name === name);
  if (found) await down(found, progress);
}

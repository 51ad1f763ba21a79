/** Tells a lab that was started to the end from one whose start was cut off, or of which a part has died. */
import { machineOf } from '../topology/machines';
import { containerOf } from './labs/containers';
import { LabError } from './docker/errors';
import { isGone } from './docker/owner';
import { exec } from './commands/exec';
import type { FoundLab } from './labs/find';
import { serviceStatesOf } from './services/states';
import { labels } from './docker/labels';

/** Labels cannot be added to a container that runs, so the first node remembers; its memory ends with it. */
const memory = '/run/tcpcopy-lab-is-up';

/** To be called when every step of the plan is done. */
export async function markComplete(lab: FoundLab): Promise<void> {
  await exec(containerOf(lab, firstNode(lab)), ['touch', memory]);
}

/** True when every node and every container of the user's runs and the plan was once carried out to its end; what people did since does not matter. */
export async function isComplete(lab: FoundLab): Promise<boolean> {
  const running = lab.containers
    .filter(({ State }) => State === 'running')
    .map(({ Labels }) => Labels[labels.node]);
  if (!nodesInContainers(lab).every((node) => running.includes(node))) return false;
  const services = serviceStatesOf(lab);
  if (!services.every(({ isAsPlanned }) => isAsPlanned)) return false;
  return (await exec(containerOf(lab, firstNode(lab)), ['test', '-e', memory])).exitCode === 0;
}

/**
 * Throws when the program that is starting the lab is still at it.
 *
 * @param underWay the starts of this very process
 */
export function assertAbandoned({ name, run, starter }: FoundLab, underWay: ReadonlySet<string>): void {
  const isOurs = starter.pid === process.pid && !isGone(starter);
  if (isOurs ? !underWay.has(run) : isGone(starter)) return;
  throw new LabError(
    'LAB_BEING_STARTED',
    `Lab ${name} is being started by process ${starter.pid}.`,
    `Wait for it, or choose another name with --name.`,
  );
}

/** A machine goes on without the engine, whatever state it is in. */
const nodesInContainers = ({ topology }: FoundLab): string[] =>
  Object.keys(topology.nodes).filter((name) => !machineOf(topology.nodes[name]!));

function firstNode(lab: FoundLab): string {
  return nodesInContainers(lab)[0]!;
}

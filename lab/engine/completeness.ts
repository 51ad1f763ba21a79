/** Tells a lab that was started to the end from one whose start was cut off, or of which a part has died. */
import { existsSync } from 'node:fs';
import { containerOf } from './labs/containers';
import { LabError } from './docker/errors';
import { exec } from './nodes/exec';
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
  if (!Object.keys(lab.topology.nodes).every((node) => running.includes(node))) return false;
  const services = serviceStatesOf(lab);
  if (!services.every(({ isAsPlanned }) => isAsPlanned)) return false;
  return (await exec(containerOf(lab, firstNode(lab)), ['test', '-e', memory])).exitCode === 0;
}

/** Throws when the program that is starting the lab is still at it. */
export function assertAbandoned(lab: FoundLab): void {
  const { name, starter } = lab;
  if (starter === process.pid || !existsSync(`/proc/${starter}`)) return;
  throw new LabError(
    'LAB_BEING_STARTED',
    `Lab ${name} is being started by process ${starter}.`,
    `Wait for it, or choose another name with --name.`,
  );
}

function firstNode(lab: FoundLab): string {
  return Object.keys(lab.topology.nodes)[0]!;
}

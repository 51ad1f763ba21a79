/** Sends marks between the online server and a node of each other machine, so that captures show how their clocks stand. */
import { familyOfText } from '../../plan/families';
import type { RunningLab } from '../../engine/commands/lab';
import { machineOfNode } from '../../topology/machines';
import { allSettled } from './all-settled';
import { VerifyError } from './errors';
import { clockText } from '../frames/clock-marks';
import type { MarkMoment } from '../frames/marks';
import type { Scene, SceneNode } from '../evidence/scene';

/** The quickest of so many counts. */
const MARKS = 12;

export async function sendClockMarks(
  lab: RunningLab,
  scene: Scene,
  run: string,
  moment: MarkMoment,
): Promise<void> {
  const send = async (from: SceneNode, to: SceneNode): Promise<void> => {
    const family = familyOfText(from.address);
    const address = to.addresses.find((one) => familyOfText(one) === family) ?? to.address;
    const text = clockText(run, moment, from.name, to.name);
    const argv = ['lab-load', 'marks', text, String(MARKS), address];
    const { exitCode, stderr } = await lab.node(from.name).exec(argv);
    if (exitCode === 0) return;
    throw new VerifyError(
      'MARK_FAILED',
      `Marks for the clocks could not be sent from ${from.name}: ${stderr.toString().trim().slice(-500)}`,
      'If the lab was started by an older version: lab down, then lab up.',
    );
  };
  await allSettled(
    elsewhere(lab, scene).flatMap((other) => [send(scene.online, other), send(other, scene.online)]),
  );
}

/** A node of each other machine, whom the online server speaks with anyway. */
function elsewhere(lab: RunningLab, { online, test, assistants, clients }: Scene): SceneNode[] {
  const machine = machineOfNode(lab.topology);
  const engineOf = ({ name }: SceneNode): string | undefined => machine(name);
  const first = new Map<string | undefined, SceneNode>();
  for (const node of [test, ...assistants, ...clients])
    if (!first.has(engineOf(node))) first.set(engineOf(node), node);
  first.delete(engineOf(online));
  return [...first.values()];
}

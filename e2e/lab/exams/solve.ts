/** An exam as its author solves it. */
import { carryOutActions } from '../../../lab/lessons/classroom/action';
import { classroomOf } from '../../../lab/lessons/classroom/classroom';
import { proofOf } from '../../../lab/lessons/exam/proof';
import type { Fault } from '../../../lab/lessons/faults/fault';
import type { RunningLab } from '../../../lab/library';

/**
 * Breaks a lab that copies as it should, and mends it. It copies again then, so that the next exam can be taken in it.
 *
 * @throws Error when the fault is not seen, or is seen still when it is mended
 */
export async function solveExam(
  lab: RunningLab,
  seed: number,
  { name, breaks, mends }: Fault,
): Promise<void> {
  const room = await classroomOf(lab, true);
  await carryOutActions(room, breaks);
  if ((await proofOf(lab, seed)).length === 0) throw new Error(`${name} is passed by doing nothing`);
  await carryOutActions(room, mends);
  const reasons = await proofOf(lab, seed);
  if (reasons.length > 0) throw new Error(`${name} is not passed by its mend: ${reasons.join(', ')}`);
}

/** Sends a mark from the test server, where a leak would come from. */
import type { LabNode } from '../engine/lab';
import { VerifyError } from './errors';
import { markText, type MarkMoment } from './marks';
import type { Scene } from './scene';

export async function sendMark(test: LabNode, scene: Scene, run: string, moment: MarkMoment): Promise<void> {
  const argv = ['lab-load', 'mark', scene.broadcast, markText(run, moment)];
  const { exitCode, stderr } = await test.exec(argv);
  if (exitCode === 0) return;
  throw new VerifyError(
    'MARK_FAILED',
    `The mark could not be sent from ${test.name}: ${stderr.toString().trim().slice(-500)}`,
    'If the lab was started by an older version: lab down, then lab up.',
  );
}

/** Whether a lab copies as it should, by its own proofs: what the doctors say, and what verify finds. */
import { examineLab, faultsIn } from '../../doctor/examine-lab';
import type { RunningLab } from '../../engine/commands/lab';
import { sceneOf } from '../../verify/collect/scene-of';
import { awaitArmed } from '../../verify/collect/state';
import { verifyLab } from '../../verify/verify-lab';

const REQUESTS = 600;
const PATIENCE_MS = 2_500;
/** What was mended a moment ago needs this long to find together again: a SYN that was dropped is sent again by then. */
const ARMED_WITHIN_MS = 10_000;

/**
 * The doctors are asked first: where they find something, no load is sent.
 *
 * @returns codes of causes (with their node) or of findings; none when all is well
 */
export async function proofOf(
  lab: RunningLab,
  seed: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<string[]> {
  const causes = faultsIn(await examineLab(lab));
  if (causes.length > 0) return causes;
  await awaitArmed(lab, await sceneOf(lab), ARMED_WITHIN_MS, signal);
  const { verification } = await verifyLab(lab, {
    seed,
    requests: REQUESTS,
    patience_ms: PATIENCE_MS,
    signal,
  });
  return verification.reasons.map(({ code }) => code);
}

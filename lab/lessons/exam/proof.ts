/** Whether a lab copies as it should, by its own proofs: what verify finds, and what the doctors say. */
import { examineLab } from '../../doctor/examine-lab';
import type { RunningLab } from '../../engine/nodes/lab';
import { verifyLab } from '../../verify/verify-lab';

export interface Proof {
  /** Codes of findings and causes; none when all is well. */
  readonly reasons: readonly string[];
}

const REQUESTS = 600;
const PATIENCE_MS = 2_500;
/** Of the machine, and none of the learner's. */
const NOT_OF_THE_LAB = new Set(['machine-busy']);

export async function proofOf(lab: RunningLab, seed: number, signal?: AbortSignal): Promise<Proof> {
  const { verification } = await verifyLab(lab, {
    seed,
    requests: REQUESTS,
    patience_ms: PATIENCE_MS,
    ...(signal && { signal }),
  });
  const { nodes } = await examineLab(lab);
  const causes = nodes.flatMap(({ node, diagnoses }) =>
    diagnoses.flatMap((one) =>
      one.verdict === 'wrong' && !NOT_OF_THE_LAB.has(one.cause) ? [`${node}: ${one.cause}`] : [],
    ),
  );
  return { reasons: [...verification.reasons.map(({ code }) => code), ...causes] };
}

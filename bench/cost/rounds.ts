/** Candidates in rounds, one after the other in a lab that is the same for all, and the loads without any copy. */
import { told } from '../../lab/cli/terminal/output';
import { reasonOf } from '../../lab/engine/docker/errors';
import type { Candidate } from '../candidates/candidates';
import type { BenchOptions } from '../candidates/options';
import { installPrograms } from '../candidates/start-copy';
import { costTopologies, type CostKind } from '../candidates/topology';
import { prepareNginx } from '../servers/nginx';
import { deliverApart } from '../stage/delivery';
import { withOwnLab } from '../stage/own-lab';
import { stageOf } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { installClientProgram } from '../tools/ask-client';
import type { CostLoad } from './loads';
import { canCountCalls } from './system-calls';
import { playAlone, playCopied, type Measured } from './turn';

export async function playRounds(
  kind: CostKind,
  loads: readonly CostLoad[],
  candidates: readonly Candidate[],
  { rounds, signal }: BenchOptions,
  measured: Measured,
): Promise<void> {
  const countsCalls = kind === 'http' && (await canCountCalls());
  const own = {
    name: `bench-cost-${kind}`,
    topology: costTopologies[kind],
    bare: true,
    progress: told,
    signal,
  };
  await withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal, { delivery: await deliverApart(lab) });
    await Promise.all([...(kind === 'http' ? [prepareNginx(stage)] : []), installClientProgram(stage)]);
    for (const candidate of candidates) await installPrograms(stage, candidate);
    for (let round = 0; round < rounds; round += 1) {
      const turn = { kind, loads, round, countsCalls: countsCalls && round === 0 };
      for (const candidate of inTurn([undefined, ...candidates], round)) {
        const title = `${kind}, round ${round + 1}: ${candidate?.id ?? 'without a copy'}`;
        const work = candidate
          ? () => playCopied(stage, candidate, turn, measured)
          : () => playAlone(stage, turn, measured);
        try {
          await told.step(title, work);
        } catch (failure) {
          if (!candidate || signal.aborted) throw failure;
          measured.failures.push({
            load: `${kind}, start`,
            candidate: candidate.id,
            reason: reasonOf(failure),
          });
        }
      }
    }
  });
}

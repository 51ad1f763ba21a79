/** Single steps of a running lab's plan, undone and done again. */
import { failureOf } from '../lab/engine/check';
import type { RunningLab } from '../lab/engine/lab';
import { planFor } from '../lab/plan/plan';
import type { Check, PlanStep } from '../lab/plan/step';
import { BenchError } from './bench-error';

/** @param id as in the plan, for example `tcpcopy:online` */
export async function undoStep(lab: RunningLab, id: string): Promise<void> {
  for (const undo of stepOf(lab, id).undo) {
    if (undo.kind !== 'command') continue;
    await lab.node(undo.node).exec(undo.argv);
    await insistOn(lab, undo.checks);
  }
}

/** @param id as in the plan, for example `tcpcopy:online` */
export async function redoStep(lab: RunningLab, id: string): Promise<void> {
  const { action, checks } = stepOf(lab, id);
  if (action.kind !== 'command') return;
  const { exitCode, stderr } = await lab.node(action.node).exec(action.argv);
  if (exitCode !== 0) {
    throw new BenchError('STEP_FAILED', `${action.argv.join(' ')} on ${action.node}: ${stderr.toString()}`);
  }
  await insistOn(lab, checks);
}

function stepOf(lab: RunningLab, id: string): PlanStep {
  const step = planFor(lab.topology).steps.find((candidate) => candidate.id === id);
  if (!step) throw new BenchError('STEP_FAILED', `The plan of ${lab.name} has no step ${id}.`);
  return step;
}

async function insistOn(lab: RunningLab, checks: readonly Check[]): Promise<void> {
  for (const check of checks) {
    const failure = await failureOf(check, (node, argv) => lab.node(node).exec(argv));
    if (failure !== undefined) {
      throw new BenchError('STEP_FAILED', `It does not hold that ${check.holds}: ${failure}`);
    }
  }
}

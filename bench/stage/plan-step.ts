/** Single steps of a plan, undone and done again in a running lab. */
import { failureOf } from '../../lab/engine/check';
import type { RunningLab } from '../../lab/engine/commands/lab';
import { planFor } from '../../lab/plan/plan';
import type { Check, PlanStep } from '../../lab/plan/step';
import { BenchError } from './bench-error';

/** @param id as in the lab's plan, for example `tcpcopy:online` */
export const undoStep = (lab: RunningLab, id: string): Promise<void> => reverse(lab, stepOf(lab, id));

/** @param id as in the lab's plan, for example `tcpcopy:online` */
export const redoStep = (lab: RunningLab, id: string): Promise<void> => perform(lab, stepOf(lab, id));

/** What a step of the plan starts. @param id as in the lab's plan */
export function commandOf(lab: RunningLab, id: string): readonly string[] {
  const { action } = stepOf(lab, id);
  if (action.kind === 'command') return action.argv;
  throw new BenchError('STEP_FAILED', `The step ${id} of ${lab.name} is no command.`);
}

export async function perform(lab: RunningLab, { action, checks }: PlanStep): Promise<void> {
  if (action.kind !== 'command') return;
  const { exitCode, stderr } = await lab.node(action.node).exec(action.argv);
  if (exitCode !== 0) {
    throw new BenchError('STEP_FAILED', `${action.argv.join(' ')} on ${action.node}: ${stderr.toString()}`);
  }
  await insistOn(lab, checks);
}

export async function reverse(lab: RunningLab, { undo }: PlanStep): Promise<void> {
  for (const one of undo) {
    if (one.kind !== 'command') continue;
    await lab.node(one.node).exec(one.argv);
    await insistOn(lab, one.checks);
  }
}

function stepOf(lab: RunningLab, id: string): PlanStep {
  const { steps } = planFor(lab.topology, { flavour: lab.flavour });
  const step = steps.find((candidate) => candidate.id === id);
  if (!step) throw new BenchError('STEP_FAILED', `The plan of ${lab.name} has no step ${id}.`);
  return step;
}

export async function insistOn(lab: RunningLab, checks: readonly Check[]): Promise<void> {
  for (const check of checks) {
    const failure = await failureOf(check, (node, argv) => lab.node(node).exec(argv));
    if (failure !== undefined) {
      throw new BenchError('STEP_FAILED', `It does not hold that ${check.holds}: ${failure}`);
    }
  }
}

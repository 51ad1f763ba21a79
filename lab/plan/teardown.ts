/** A plan backwards. */
import type { Plan, Undo } from './step';

/** What takes down what the plan put up, last step first. */
export function teardownOf(plan: Plan): Undo[] {
  return plan.steps.toReversed().flatMap((step) => step.undo);
}

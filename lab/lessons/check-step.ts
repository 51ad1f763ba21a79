/** Whether a task is done, and what is shown then. */
import { askChecks } from './classroom/check';
import { Look, type Classroom } from './classroom/classroom';
import type { Step } from './lesson/lesson';
import type { StepOutcome } from './views/views';
import { filled, type Language } from './words/language';

/** What was typed a moment ago may still be on its way. */
export const PATIENCE_MS = 5_000;

export async function checkStep(
  room: Classroom,
  step: Step,
  language: Language,
  patience_ms = PATIENCE_MS,
): Promise<StepOutcome> {
  const checks = await askChecks(room, step.checks, { language, patience_ms });
  if (!checks.every(({ held }) => held)) return { passed: false, checks };
  return {
    passed: true,
    checks,
    picture: await step.picture(new Look(room)),
    after: filled(step.after[language], room.places),
  };
}

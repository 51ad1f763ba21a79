/** How far a learner has come. Pure; lessons and steps are known by their names, so that a course may grow. */
import { z } from 'zod';
import type { Lesson, Step } from './lesson/lesson';

/** The lesson that is open, and the start of the lab that it is open in. */
const current = z.object({ lesson: z.string(), step: z.string(), lab: z.string(), run: z.string() });

export const progressSchema = z.object({
  version: z.literal(1),
  current: current.optional(),
  /** Names of passed steps, by the lesson's name. */
  passed: z.record(z.string(), z.array(z.string())),
  /** How often was helped, by `<lesson>/<step>`. */
  helped: z.record(z.string(), z.number()),
});

export type Progress = z.infer<typeof progressSchema>;
export type Current = z.infer<typeof current>;

export const noProgress: Progress = { version: 1, passed: {}, helped: {} };

export const passedOf = ({ passed }: Progress, { name, steps }: Lesson): Step[] =>
  steps.filter((step) => passed[name]?.includes(step.name));

export const isDone = (progress: Progress, lesson: Lesson): boolean =>
  passedOf(progress, lesson).length === lesson.steps.length;

/** The first step that was not passed; of a lesson that is done, the first. */
export function nextStep(progress: Progress, lesson: Lesson): Step {
  const passed = passedOf(progress, lesson);
  return lesson.steps.find((step) => !passed.includes(step)) ?? lesson.steps[0];
}

export function withPassed(progress: Progress, lesson: Lesson, step: Step): Progress {
  const names = new Set([...(progress.passed[lesson.name] ?? []), step.name]);
  return { ...progress, passed: { ...progress.passed, [lesson.name]: [...names] } };
}

const keyOf = (lesson: Lesson, step: Step): string => `${lesson.name}/${step.name}`;

/** What a learner who asks for help is given: first where to look, then the answer. */
export function nextHelp(progress: Progress, lesson: Lesson, step: Step): 'hint' | 'answer' {
  return (progress.helped[keyOf(lesson, step)] ?? 0) === 0 ? 'hint' : 'answer';
}

export function withHelp(progress: Progress, lesson: Lesson, step: Step): Progress {
  const key = keyOf(lesson, step);
  return { ...progress, helped: { ...progress.helped, [key]: (progress.helped[key] ?? 0) + 1 } };
}

/** A lesson that is open: the lab that it is open in, the step, and what was kept of it. */
import { join } from 'node:path';
import type { Progress as Told } from '../engine/docker/progress';
import { findLabs } from '../engine/labs/find';
import { openLab } from '../engine/running/running-lab';
import type { Topology } from '../topology/types';
import { checkStep } from './check-step';
import type { Classroom } from './classroom/classroom';
import { lessons } from './course/all';
import type { Lesson, Step } from './lesson/lesson';
import { keep, readKept, stateFolder } from './kept';
import { bringTo, freshLab, opened, prepare } from './lesson-lab';
import {
  nextHelp,
  nextStep,
  noProgress,
  progressSchema,
  withHelp,
  withPassed,
  type Progress,
} from './progress';
import { answerOf, hintOf, stepView } from './view';
import type { CheckView, HelpView } from './views/views';
import type { Language } from './words/language';

const progressFile = (): string => join(stateFolder(), 'lessons.json');

export const readProgress = async (): Promise<Progress> =>
  (await readKept(progressFile(), progressSchema)) ?? noProgress;

export interface LessonSession {
  readonly lesson: Lesson;
  readonly step: Step;
  readonly room: Classroom;
}

/** What was asked for is not open, or not there. */
export class LessonError extends Error {
  constructor(
    readonly code: 'LESSON_NOT_OPEN' | 'LESSON_UNKNOWN' | 'STEP_UNKNOWN',
    message: string,
    readonly mend: string,
  ) {
    super(message);
    this.name = 'LessonError';
  }
}

/** @param wanted its number in the course, or its name */
export function lessonNamed(wanted: string): Lesson {
  const found = lessons.find(({ name }, index) => name === wanted || String(index + 1) === wanted);
  if (found) return found;
  throw new LessonError(
    'LESSON_UNKNOWN',
    `There is no lesson ${wanted}.`,
    `There are 1 to ${lessons.length}; \`lab lesson\` lists them.`,
  );
}

export function stepNumbered({ name, steps }: Lesson, number: number): Step {
  const step = steps[number - 1];
  if (step) return step;
  throw new LessonError(
    'STEP_UNKNOWN',
    `Lesson ${name} has no step ${number}.`,
    `It has 1 to ${steps.length}.`,
  );
}

export interface Opening {
  /** Default: where the learner is. */
  readonly at?: number | undefined;
  /** Of the lab. */
  readonly name: string;
  readonly topologyOf: (name: string) => Promise<Topology>;
  readonly told: Told;
  readonly signal: AbortSignal;
}

/**
 * Goes on where the lesson is open; otherwise, or with `at`, starts a fresh lab and brings it to the state before the step.
 *
 * @throws LessonError when there is no such step
 */
export async function openLesson(
  lesson: Lesson,
  { at, name, topologyOf, told, signal }: Opening,
): Promise<LessonSession> {
  const progress = await readProgress();
  const goingOn = at === undefined ? await goOn(lesson, progress) : undefined;
  if (goingOn) return goingOn;
  const step = at === undefined ? nextStep(progress, lesson) : stepNumbered(lesson, at);
  const topology = await topologyOf(lesson.topology);
  const { lab, run, room } = await freshLab(topology, { name, bare: lesson.bare, progress: told, signal });
  await told.step(`what stands before ${step.name}`, () => bringTo(room, lesson, step));
  await keep(progressFile(), {
    ...progress,
    current: { lesson: lesson.name, step: step.name, lab: lab.name, run },
  });
  return { lesson, step, room };
}

/** @throws LessonError when that lesson is not open, or its lab is gone */
export async function resumeLesson(lesson: Lesson): Promise<LessonSession> {
  const session = await goOn(lesson, await readProgress());
  if (session) return session;
  throw new LessonError(
    'LESSON_NOT_OPEN',
    `Lesson ${lesson.name} is not open, or its lab is gone.`,
    `Open it: lab lesson ${lessons.indexOf(lesson) + 1}.`,
  );
}

/** The lesson that is open. @throws LessonError when none is */
export async function currentLesson(): Promise<Lesson> {
  const { current } = await readProgress();
  const lesson = lessons.find(({ name }) => name === current?.lesson);
  if (lesson) return lesson;
  throw new LessonError('LESSON_NOT_OPEN', 'No lesson is open.', 'Open one: lab lesson 1.');
}

/** Undefined when the lesson is not open in a lab that still runs as it was started. */
async function goOn(lesson: Lesson, { current }: Progress): Promise<LessonSession | undefined> {
  if (current?.lesson !== lesson.name) return undefined;
  const step = lesson.steps.find(({ name }) => name === current.step);
  const isThere = (await findLabs()).some(({ name, run }) => name === current.lab && run === current.run);
  if (!step || !isThere) return undefined;
  const { room } = await opened(await openLab(current.lab));
  return { lesson, step, room };
}

/**
 * Looks at the lab; a step that is passed is kept as that, and the next one is open then.
 *
 * @throws LessonError when the lesson is not open
 */
export async function checkLesson(lesson: Lesson, language: Language): Promise<CheckView> {
  const { step, room } = await resumeLesson(lesson);
  const outcome = await checkStep(room, step, language);
  const lab = room.lab.name;
  if (!outcome.passed) return { ...outcome, lab };
  const progress = withPassed(await readProgress(), lesson, step);
  const next = lesson.steps[lesson.steps.indexOf(step) + 1];
  if (next) await prepare(room, next);
  const { current } = progress;
  await keep(progressFile(), {
    ...progress,
    ...(current && next && { current: { ...current, step: next.name } }),
  });
  return { ...outcome, lab, next: next && stepView(lesson, next, language, room.places) };
}

/** Where to look; who asks again is given the answer. @throws LessonError when the lesson is not open */
export async function helpWithLesson(lesson: Lesson, language: Language): Promise<HelpView> {
  const { step, room } = await resumeLesson(lesson);
  const progress = await readProgress();
  const help = nextHelp(progress, lesson, step);
  await keep(progressFile(), withHelp(progress, lesson, step));
  const hint = hintOf(step, language, room.places);
  return { hint, answer: help === 'answer' ? answerOf(step, room.places) : undefined };
}

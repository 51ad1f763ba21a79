/** Labs of lessons: a fresh one, brought to where a step begins. */
import { down } from '../engine/down';
import type { Progress as Told } from '../engine/docker/progress';
import { findLabs } from '../engine/labs/find';
import type { RunningLab } from '../engine/commands/lab';
import { up } from '../engine/up';
import type { Topology } from '../topology/types';
import { ActionError, carryOutActions } from './classroom/action';
import { askChecks } from './classroom/check';
import { classroomOf, type Classroom } from './classroom/classroom';
import type { Lesson, Step } from './lesson/lesson';

export interface FreshLab {
  readonly name: string;
  readonly bare: boolean;
  readonly progress: Told;
  readonly signal: AbortSignal;
}

export interface Opened {
  readonly lab: RunningLab;
  /** Unique to this start of it. */
  readonly run: string;
  readonly room: Classroom;
}

/** A lab as it was just started; one of that name is taken down before. */
export async function freshLab(
  topology: Topology,
  { name, bare, progress, signal }: FreshLab,
): Promise<Opened> {
  const earlier = (await findLabs()).find((lab) => lab.name === name);
  if (earlier) await down(earlier, progress);
  const { lab } = await up(topology, { name, bare, anywhere: true, progress, signal });
  return opened(lab);
}

/** @throws LabError when no such lab runs */
export async function opened(lab: RunningLab): Promise<Opened> {
  const labs = await findLabs();
  const run = labs.find(({ name }) => name === lab.name)?.run ?? '';
  return { lab, run, room: await classroomOf(lab, labs.length === 1) };
}

/** What a step brings about may take this long. */
export const SETTLES_WITHIN_MS = 10_000;

/** What the lesson does to the lab before the learner does. */
export const prepare = (room: Classroom, { prepares = [] }: Step): Promise<void> =>
  carryOutActions(room, prepares);

/** Does what the steps before this one ask for, and what this one begins with. */
export async function bringTo(room: Classroom, lesson: Lesson, step: Step): Promise<void> {
  for (const earlier of lesson.steps.slice(0, lesson.steps.indexOf(step))) {
    await prepare(room, earlier);
    await carryOutActions(room, earlier.answer);
    const checked = await askChecks(room, earlier.checks, { language: 'en', patience_ms: SETTLES_WITHIN_MS });
    const failed = checked.find(({ held }) => !held);
    if (failed)
      throw new ActionError(
        `Step ${earlier.name} of ${lesson.name} did not come about: ${failed.holds} (${failed.seen})`,
      );
  }
  await prepare(room, step);
}

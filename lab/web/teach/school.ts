/** Lessons as the lab teaches them, for a page: those of `lab lesson`, in a lab of the page's own. */
import type { Progress } from '../../engine/docker/progress';
import { silent } from '../../engine/docker/progress';
import { downIfThere } from '../../engine/down';
import { lessons } from '../../lessons/course/all';
import type { Lesson } from '../../lessons/lesson/lesson';
import {
  checkLesson,
  helpWithLesson,
  lessonNamed,
  openLesson,
  readProgress,
  type LessonSession,
} from '../../lessons/lesson-session';
import { rowsOf } from '../../lessons/view';
import type { Topology } from '../../topology/types';
import type { CheckView, HelpView, Language, LessonRow } from '../messages/lesson';

/** Whatever it cannot do it rejects with an error that has a `code`. */
export interface School {
  rows(language: Language): Promise<readonly LessonRow[]>;
  /** Goes on where the lesson is open; otherwise, or with `at`, in a fresh lab of the page's own. */
  open(
    lesson: string,
    how: { readonly at: number | undefined; readonly told: Progress; readonly signal: AbortSignal },
  ): Promise<LessonSession>;
  check(lesson: Lesson, language: Language): Promise<CheckView>;
  help(lesson: Lesson, language: Language): Promise<HelpView>;
  /** Takes the page's own lab down, where there is one. */
  removeLab(): Promise<void>;
}

/** @param lab name of the page's own */
export const schoolIn = (lab: string, topologyOf: (name: string) => Promise<Topology>): School => ({
  rows: async (language) => rowsOf(lessons, await readProgress(), language),
  open: async (name, how) => openLesson(lessonNamed(name), { ...how, name: lab, topologyOf }),
  check: checkLesson,
  help: helpWithLesson,
  removeLab: () => downIfThere(lab, silent),
});

/** What lessons and their steps are in one language. Pure. */
import { typed } from './classroom/action';
import type { Lesson, Step } from './lesson/lesson';
import { isDone, passedOf, type Progress } from './progress';
import type { LessonRow, StepView } from './views/views';
import { filled, type Language, type Places } from './words/language';

export const rowsOf = (lessons: readonly Lesson[], progress: Progress, language: Language): LessonRow[] =>
  lessons.map((lesson, index) => ({
    number: index + 1,
    name: lesson.name,
    title: lesson.title[language],
    teaches: lesson.teaches[language],
    minutes: lesson.minutes,
    topology: lesson.topology,
    steps: lesson.steps.length,
    passed: passedOf(progress, lesson).length,
    done: isDone(progress, lesson),
  }));

/** @param places of the lab in which it is done; without one, placeholders stay */
export function stepView(lesson: Lesson, step: Step, language: Language, places: Places = {}): StepView {
  const say = (words: Readonly<Record<Language, string>>): string => filled(words[language], places);
  return {
    lesson: lesson.name,
    step: step.name,
    number: lesson.steps.indexOf(step) + 1,
    of: lesson.steps.length,
    title: say(step.title),
    text: say(step.text),
    task: say(step.task),
    holds: step.checks.map(({ holds }) => say(holds)),
  };
}

/** Where to look. */
export const hintOf = (step: Step, language: Language, places: Places): string =>
  filled(step.hint[language], places);

/** One way to do the task, command by command. */
export const answerOf = (step: Step, places: Places): string[] =>
  step.answer.map((action) => typed(action, places));

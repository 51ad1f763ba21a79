/** Lessons for a terminal. */
import type { HelpView, LessonRow, StepOutcome, StepView } from '../../lessons/views/views';
import type { Language } from '../../lessons/words/language';
import { phrases } from '../../lessons/words/phrases';

export function lessonList(rows: readonly LessonRow[], language: Language): string {
  const lines = rows.map(({ number, title, minutes, passed, steps, done }) => {
    const state = done ? phrases.done[language] : passed > 0 ? `${passed}/${steps}` : '';
    return `  ${String(number).padStart(2)}  ${padded(title, 48)}${`${minutes} ${phrases.minutes[language]}`.padEnd(10)}${state}`.trimEnd();
  });
  return [...lines, '', `${phrases.start[language]}: ./bin/lab lesson 1`].join('\n');
}

export function stepText({ number, of, title, text, task, holds }: StepView, language: Language): string {
  return [
    `${phrases.step[language]} ${number}/${of}: ${title}`,
    '',
    text,
    '',
    `${phrases.task[language]}: ${task}`,
    ...holds.map((one) => `  [ ] ${one}`),
  ].join('\n');
}

export const commandsText = (lesson: number, language: Language): string =>
  [
    `  ./bin/lab lesson ${lesson} check   ${phrases.toCheck[language]}`,
    `  ./bin/lab lesson ${lesson} hint    ${phrases.toHelp[language]}`,
  ].join('\n');

export function outcomeText({ passed, checks, picture, after }: StepOutcome, language: Language): string {
  const lines = checks.map(({ held, holds, seen }) =>
    held
      ? `  [x] ${holds}`
      : `  [ ] ${holds}\n      ${phrases.notYet[language]}: ${seen.replaceAll('\n', '\n      ')}`,
  );
  return [
    ...lines,
    ...(passed ? ['', phrases.passed[language], '', picture ?? '', '', after ?? ''] : []),
  ].join('\n');
}

export function helpText({ hint, answer }: HelpView, language: Language): string {
  if (!answer) return `${phrases.hint[language]}: ${hint}\n${phrases.helpAgain[language]}`;
  return [`${phrases.answer[language]}:`, ...answer.map((line) => `  ${line}`)].join('\n');
}

/** @param next title of the next lesson, which has this number */
export function endText(next: string | undefined, number: number, lab: string, language: Language): string {
  return [
    ...(next === undefined
      ? [phrases.courseDone[language]]
      : [phrases.lessonDone[language], `  ./bin/lab lesson ${number}   ${next}`]),
    `  ./bin/lab down ${lab}   ${phrases.removeIt[language]}`,
  ].join('\n');
}

/** In columns of a terminal, where Chinese characters take two. */
const padded = (text: string, width: number): string => {
  const columns = Array.from(text).reduce(
    (sum, letter) => sum + (letter.codePointAt(0)! > 0x2e7f ? 2 : 1),
    0,
  );
  return text + ' '.repeat(Math.max(1, width - columns));
};

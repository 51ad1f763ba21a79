/** Exams for a terminal. */
import type { ExamOutcome } from '../../lessons/exam-session';
import type { Fault } from '../../lessons/faults/fault';
import type { Grade } from '../../lessons/exam/grades';
import { filled, type Language, type Places } from '../../lessons/words/language';
import { phrases } from '../../lessons/words/phrases';
import { table } from './output';

export function paperText(
  fault: Fault,
  seed: number,
  places: Places,
  lab: string,
  language: Language,
): string {
  const name = lab === 'exam' ? '' : ` --name ${lab}`;
  return [
    `${phrases.exam[language]} ${seed}: ${fault.topology}`,
    '',
    `"${filled(fault.complaint[language], places)}"`,
    '',
    phrases.findAndMend[language],
    '',
    `  ./bin/lab exam check${name}     ${phrases.toGrade[language]}`,
    `  ./bin/lab exam give-up${name}   ${phrases.toGiveUp[language]}`,
  ].join('\n');
}

export function gradeText({ result, fault, shortest }: ExamOutcome, language: Language): string {
  const verdicts = {
    passed: phrases.examPassed,
    failed: phrases.examFailed,
    restarted: phrases.examRestarted,
    'given-up': phrases.examGivenUp,
  } as const;
  return [
    verdicts[result.verdict][language].replace('{count}', String(result.reasons.length)),
    ...(shortest
      ? [
          '',
          `${fault.name}: ${fault.because[language]}`,
          `${phrases.shortest[language]}:`,
          ...shortest.map((line) => `  ${line}`),
        ]
      : []),
  ].join('\n');
}

export const gradesText = (grades: readonly Grade[]): string =>
  table([
    ['who', 'seed', 'fault', 'verdict', 'minutes', 'checks', 'file'],
    ...grades.map(({ who, seed, fault, verdict, minutes, checks, file }) => [
      who,
      seed,
      fault,
      verdict,
      minutes,
      checks,
      file,
    ]),
  ]);

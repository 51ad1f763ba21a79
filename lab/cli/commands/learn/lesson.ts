import { Argument, type Command } from 'commander';
import { languageChosen, languageOption, type LanguageOptions } from '../../options/language';
import { loadTopology } from '../../options/topology-source';
import { wholeNumber } from '../../options/whole-number';
import { abortOnSignals } from '../../terminal/interrupt';
import {
  commandsText,
  endText,
  helpText,
  lessonList,
  outcomeText,
  stepText,
} from '../../terminal/lesson-text';
import { print, printJson, told } from '../../terminal/output';
import { talk } from '../../terminal/talk';
import { phrases } from '../../../lessons/words/phrases';

interface LessonOptions extends LanguageOptions {
  readonly at?: string;
  readonly name: string;
  readonly json?: boolean;
}

const STEPS_MAX = 99;

export function registerLesson(program: Command): void {
  program
    .command('lesson')
    .description('List the lessons, open one, and check it against its lab as it is.')
    .argument('[lesson]', 'its number or name (default: list them; for check and hint: the open one)')
    .addArgument(
      new Argument('[action]', 'what to do with it').choices(['open', 'check', 'hint']).default('open'),
    )
    .option('--at <step>', 'begin at this step: the lab is brought to the state before it')
    .option('--name <name>', "the lab's name", 'lesson')
    .addOption(languageOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  lab lesson 2 && lab lesson 2 hint && lab lesson 2 check')
    .action(async (wanted: string | undefined, action: string, options: LessonOptions) => {
      const ofOpenOne = wanted === 'check' || wanted === 'hint';
      const [which, what] = ofOpenOne ? [undefined, wanted] : [wanted, action];
      if (what === 'check') await check(which, options);
      else if (what === 'hint') await help(which, options);
      else if (which === undefined) await list(options);
      else await open(which, options);
    });
}

async function list(options: LessonOptions): Promise<void> {
  const [{ lessons }, { readProgress }, { rowsOf }] = await Promise.all([
    import('../../../lessons/course/all'),
    import('../../../lessons/lesson-session'),
    import('../../../lessons/view'),
  ]);
  const language = languageChosen(options);
  const rows = rowsOf(lessons, await readProgress(), language);
  if (options.json) printJson(rows);
  else print(lessonList(rows, language));
}

async function open(wanted: string, options: LessonOptions): Promise<void> {
  const at = wholeNumber('--at', options.at, 1, STEPS_MAX);
  const { session: sessions, lesson, number, view } = await lessonWanted(wanted);
  const session = await sessions.openLesson(lesson, {
    at,
    name: options.name,
    topologyOf: loadTopology,
    told,
    signal: abortOnSignals(),
  });
  const language = languageChosen(options);
  const shown = view.stepView(lesson, session.step, language, session.room.places);
  if (options.json) {
    printJson(shown);
    return;
  }
  print(`${lesson.title[language]}\n\n${stepText(shown, language)}\n\n${commandsText(number, language)}`);
  if (!process.stdin.isTTY || !process.stdout.isTTY) return;
  await talk(`${phrases.lesson[language]} ${number}> `, {
    check: () => check(wanted, options),
    hint: () => help(wanted, options),
  });
  process.exitCode = 0;
}

async function check(wanted: string | undefined, options: LessonOptions): Promise<void> {
  const { session: sessions, lesson, number, lessons } = await lessonWanted(wanted);
  const language = languageChosen(options);
  const checked = await sessions.checkLesson(lesson, language);
  if (!checked.passed) process.exitCode = 1;
  if (options.json) {
    printJson(checked);
    return;
  }
  print(outcomeText(checked, language));
  if (!checked.passed) return;
  print('');
  if (checked.next) print(`${stepText(checked.next, language)}\n\n${commandsText(number, language)}`);
  else print(endText(lessons[number]?.title[language], number + 1, checked.lab, language));
}

async function help(wanted: string | undefined, options: LessonOptions): Promise<void> {
  const { session: sessions, lesson } = await lessonWanted(wanted);
  const language = languageChosen(options);
  const given = await sessions.helpWithLesson(lesson, language);
  if (options.json) printJson(given);
  else print(helpText(given, language));
}

/** @param wanted undefined for the one that is open */
async function lessonWanted(wanted: string | undefined) {
  const [{ assertEngineAnswers }, { lessons }, session, view] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../lessons/course/all'),
    import('../../../lessons/lesson-session'),
    import('../../../lessons/view'),
  ]);
  const lesson = wanted === undefined ? await session.currentLesson() : session.lessonNamed(wanted);
  await assertEngineAnswers();
  return { session, view, lessons, lesson, number: lessons.indexOf(lesson) + 1 };
}

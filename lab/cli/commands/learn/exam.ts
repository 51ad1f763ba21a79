import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { userInfo } from 'node:os';
import { languageChosen, languageOption, type LanguageOptions } from '../../options/language';
import { prepareFiles, writeResult } from '../../options/result-files';
import { loadTopology } from '../../options/topology-source';
import { UsageError } from '../../options/usage-error';
import { wholeNumber } from '../../options/whole-number';
import { gradeText, gradesText, paperText } from '../../terminal/exam-text';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, tell, told } from '../../terminal/output';
import type * as Session from '../../../lessons/exam-session';

interface BeginOptions extends LanguageOptions {
  readonly seed?: string;
  readonly who?: string;
  readonly name: string;
}

interface CheckOptions extends LanguageOptions {
  readonly name: string;
  readonly out?: string;
  readonly json?: boolean;
}

const LAB = 'exam';

export function registerExam(program: Command): void {
  const exam = program
    .command('exam')
    .description(
      'Break a lab in one way of many. Find it, mend it, and have the lab itself say whether it is mended.',
    )
    .option('--seed <number>', 'which way: each seed another (default: by chance)')
    .option('--who <name>', 'who takes it (default: this user)')
    .option('--name <name>', "the lab's name", LAB)
    .addOption(languageOption())
    .addHelpText(
      'after',
      '\nExample:\n  lab exam --seed 41 && lab exam check --out me.json && lab exam grade *.json',
    )
    .action(begin);
  ending(exam.command('check'), 'Say whether the copy is mended, by verify and the doctors; status 1 if not.')
    .addHelpText('after', '\nExample:\n  lab exam check --out result.json')
    .action((options: CheckOptions) =>
      end(options, async ({ checkExam }) => checkExam(options.name, abortOnSignals())),
    );
  ending(exam.command('give-up'), 'End it, and say what it was; status 1.')
    .addHelpText('after', '\nExample:\n  lab exam give-up')
    .action((options: CheckOptions) => end(options, ({ giveUp }) => giveUp(options.name)));
  exam
    .command('grade')
    .description('Print a table of result files.')
    .argument('<files...>', 'what `lab exam check --out` wrote')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  lab exam grade results/*.json')
    .action(grade);
}

const ending = (command: Command, description: string): Command =>
  command
    .description(description)
    .option('--name <name>', "the lab's name", LAB)
    .option('--out <file>', 'write the result into this file, for the trainer')
    .option('--json', 'print the result as JSON')
    .addOption(languageOption());

async function begin(options: BeginOptions): Promise<void> {
  const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff) ?? randomInt(1, 1_000_000);
  const signal = abortOnSignals();
  const [{ assertEngineAnswers }, { beginExam }] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../lessons/exam-session'),
  ]);
  await assertEngineAnswers();
  const who = options.who ?? userInfo().username;
  const { name } = options;
  const { fault, places } = await beginExam({ seed, who, name, topologyOf: loadTopology, told, signal });
  print(paperText(fault, seed, places, name, languageChosen(options)));
}

async function end(
  options: CheckOptions,
  how: (session: typeof Session) => Promise<Session.ExamOutcome>,
): Promise<void> {
  const [{ assertEngineAnswers }, session] = await Promise.all([
    import('../../../engine/docker/connection'),
    import('../../../lessons/exam-session'),
  ]);
  await prepareFiles({ out: options.out });
  await assertEngineAnswers();
  const outcome = await how(session);
  const { result } = outcome;
  if (result.verdict !== 'passed') process.exitCode = 1;
  if (options.out !== undefined) {
    await writeResult('out', options.out, `${JSON.stringify(result, null, 2)}\n`);
    tell(`The result is in ${options.out}.`);
  }
  if (options.json) printJson({ ...result, shortest: outcome.shortest });
  else print(gradeText(outcome, languageChosen(options)));
}

async function grade(files: readonly string[], { json }: { json?: boolean }): Promise<void> {
  const [{ gradesOf }, { faults }] = await Promise.all([
    import('../../../lessons/exam/grades'),
    import('../../../lessons/faults/all'),
  ]);
  const texts = new Map<string, string>();
  for (const file of files) texts.set(file, await readResult(file));
  const grades = gradesOf(texts, faults);
  if (json) printJson(grades);
  else print(gradesText(grades));
  if (grades.some(({ verdict }) => verdict !== 'passed')) process.exitCode = 1;
}

async function readResult(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

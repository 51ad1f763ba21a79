import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import type { ComponentsChoice } from '../../../engine/nodes/components';
import type { Progress } from '../../../engine/docker/progress';
import type { CleanResult } from '../../../scenarios/clean';
import type { Architecture, Scenario } from '../../../scenarios/stage/scenario';
import type { Family } from '../../../topology/addresses';
import type { Topology } from '../../../topology/types';
import { componentsChosen, componentsOption, type ComponentsOptions } from '../../options/components';
import { flavourOption } from '../../options/flavour';
import {
  prepareCiReports,
  withCiReports,
  writeCiReports,
  type CiReportOptions,
} from '../../options/ci-reports';
import type { CaseReport } from '../../../../src/report/case';
import { abortOnSignals } from '../../terminal/interrupt';
import { print, printJson, table, tell, told } from '../../terminal/output';
import { scenarioTopologies } from '../../options/topology-source';
import { prepareFiles, prepareFolder } from '../../options/result-files';
import { UsageError } from '../../options/usage-error';
import { wholeNumber } from '../../options/whole-number';
import { writePage } from './write-page';

interface RunCommandOptions extends ComponentsOptions, CiReportOptions {
  readonly list?: boolean;
  readonly json?: boolean;
  readonly seed?: string;
  readonly rounds?: string;
  readonly family?: string;
  readonly keep?: string;
  readonly html?: string;
}

/** What is left behind in any case; captures only of what failed. */
const EVIDENCE = '.lab/scenarios';
const ROUNDS_MAX = 10_000;
const CLEAN_ROUNDS = 20;

export function registerRun(program: Command): void {
  const run = program
    .command('run')
    .description(
      'Play scenarios in labs of their own: what goes wrong in a copy, and that nothing leaks from it.',
    )
    .argument('[scenarios...]', 'names of scenarios, `all`, `planted-leaks`, `clean`, or `whole-life`')
    .option('--list', 'list the scenarios, with what each teaches')
    .option('--seed <number>', 'what load and chance are derived from; the results say which was used')
    .option('--family <4|6>', 'the family of addresses that is copied (default: 4)')
    .option('--rounds <number>', 'play each so often, each round with the next seed')
    .option(
      '--keep <dir>',
      `keep captures of all rounds in this directory (default: of those that fail, in ${EVIDENCE})`,
    )
    .option('--html <file>', 'write what was seen and what came of it as one HTML file as well')
    .addOption(componentsOption())
    .addOption(flavourOption('which command lines these take (default: as their versions tell)'))
    .option('--json', 'print the results as JSON');
  withCiReports(run)
    .addHelpText('after', '\nExample:\n  lab run start-tcpcopy-intercept-rule\n  lab run all')
    .action(async (names: string[], options: RunCommandOptions) => {
      const { scenarios } = await import('../../../scenarios/catalogue/all');
      if (options.list || names.length === 0) {
        list(scenarios, options.json ?? false);
        return;
      }
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff) ?? randomInt(1, 1_000_000);
      const rounds = wholeNumber('--rounds', options.rounds, 1, ROUNDS_MAX);
      const family = wholeNumber('--family', options.family, 4, 6) ?? 4;
      if (family !== 4 && family !== 6) throw new UsageError(`There is no IPv${family}.`, '--family 4 or 6');
      const components = componentsChosen(options);
      await prepareFiles({ html: options.html });
      await prepareFolder('keep', options.keep);
      await prepareCiReports(options);
      const played = await playing(names, scenarios, {
        seed,
        rounds,
        family,
        keep: options.keep,
        html: options.html,
        components,
      });
      await writeCiReports(options, `lab run ${names.join(' ')}`, played.cases);
      if (options.json) printJson(played.results);
      else {
        print(table(played.table));
        const passed = played.results.filter(({ verdict }) => verdict === 'pass').length;
        print(`\n${played.counts}: ${passed} of ${played.results.length} (seed ${seed})`);
      }
      if (played.results.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
    });
}

interface Playing {
  readonly seed: number;
  readonly rounds: number | undefined;
  /** That is copied. */
  readonly family: Family;
  readonly keep: string | undefined;
  /** Where a page of it goes. */
  readonly html: string | undefined;
  /** Other programs than ours. */
  readonly components: ComponentsChoice | undefined;
}

interface Played {
  readonly results: readonly { readonly verdict: 'pass' | 'fail' }[];
  /** The same for CI servers. */
  readonly cases: readonly CaseReport[];
  /** With its head. */
  readonly table: readonly (readonly string[])[];
  /** What the results that pass are. */
  readonly counts: string;
}

async function playing(
  names: readonly string[],
  scenarios: readonly Scenario[],
  how: Playing,
): Promise<Played> {
  const detector = names.find((name) => name in detectorTests) as keyof typeof detectorTests | undefined;
  const chosen = detector === undefined ? choose(scenarios, names) : [];
  if (detector !== undefined && (names.length > 1 || how.components))
    throw new UsageError(`${detector} is run by itself, and with our programs.`, `lab run ${detector}`);
  if (detector !== undefined && how.html !== undefined)
    throw new UsageError(`--html goes with scenarios, and ${detector} is none.`);
  const signal = abortOnSignals();
  const { assertEngineAnswers } = await import('../../../engine/docker/connection');
  await assertEngineAnswers();
  const around = { topologies: await scenarioTopologies(how.family), progress: told, signal };
  if (detector === 'planted-leaks') return plantLeaks(around, how);
  if (detector === 'whole-life') return watchWholeLives(around, how);
  if (detector === 'clean') return runCleanly(around, how);
  if (!how.components) return playScenarios(chosen, around, how);
  const { playable, components } = await playableWith(how.components, chosen, signal);
  return playScenarios(playable, around, { ...how, components });
}

/** Of the original, a build is for one architecture. The flavour is known from here on. */
async function playableWith(
  components: ComponentsChoice,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<{ playable: Scenario[]; components: ComponentsChoice }> {
  const [{ assertPrograms, flavourOf }, { ensureNodeImage }, { architecturesOf }] = await Promise.all([
    import('../../../engine/nodes/components'),
    import('../../../engine/images/ensure'),
    import('../../../plan/flavour'),
  ]);
  await assertPrograms(components.directory);
  const flavour = await flavourOf(components, await ensureNodeImage(told, signal));
  const playable = scenarios.filter(
    ({ architecture, setting }) =>
      architecturesOf[flavour].includes(architecture) && (flavour === 'ours' || setting === undefined),
  );
  const [other] = scenarios.filter((scenario) => !playable.includes(scenario));
  if (playable.length === 0)
    throw new UsageError(
      `Programs of flavour ${flavour} are not for the architecture ${other!.architecture}.`,
      `Take scenarios of the architecture ${architecturesOf[flavour].join(' or ')}: \`lab run --list --json\` tells.`,
    );
  for (const { name } of scenarios.filter((scenario) => !playable.includes(scenario)))
    tell(`    skip  ${name}: flavour ${flavour} is not for it`);
  return { playable, components: { ...components, flavour } };
}

interface Around {
  readonly topologies: Readonly<Record<Architecture, Topology>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What the leak detector itself is tested by. */
const detectorTests = {
  'planted-leaks': 'leaks of every kind are planted, and each must be found under its name',
  'whole-life': 'labs watched on their bridges, from before the first node to after the last',
  clean: 'short verified runs (default 20, --rounds), of which none may report anything',
} as const;

function list(scenarios: readonly Scenario[], json: boolean): void {
  const rows = scenarios.map(({ name, architecture, title, teaches }) => ({
    name,
    architecture,
    title,
    teaches,
  }));
  if (json) {
    printJson(rows);
    return;
  }
  print('Scenarios');
  print(table(rows.map(({ name, title }) => [`  ${name}`, title])));
  print('\nTests of the leak detector');
  print(table(Object.entries(detectorTests).map(([name, title]) => [`  ${name}`, title])));
}

function choose(scenarios: readonly Scenario[], names: readonly string[]): Scenario[] {
  if (names.includes('all')) return [...scenarios];
  return names.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new UsageError(`There is no scenario named ${name}.`, '`lab run --list` names them.');
  });
}

/** Results that end one after the other as cases, with how long each took. */
function casesOf<Result>(caseOf: (result: Result, duration_ms: number) => CaseReport) {
  const cases: CaseReport[] = [];
  let last_ms = performance.now();
  const add = (result: Result): void => {
    const now_ms = performance.now();
    cases.push(caseOf(result, now_ms - last_ms));
    last_ms = now_ms;
  };
  return { cases, add };
}

async function playScenarios(
  scenarios: readonly Scenario[],
  around: Around,
  { seed, rounds, keep, html, components }: Playing,
): Promise<Played> {
  const [{ runScenarios }, { caseOfScenario, keepScenario, RESULT_HEAD, resultCells }] = await Promise.all([
    import('../../../scenarios/run'),
    import('../../../report/scenarios'),
  ]);
  const { cases, add } = casesOf(caseOfScenario);
  const recorder = html === undefined ? undefined : await scenarioRecorder();
  const results = await runScenarios(scenarios, {
    ...around,
    seed,
    rounds,
    components,
    observe: recorder?.observe,
    onResult: async (result, evidence) => {
      add(result);
      recorder?.onResult(result, evidence);
      const kept = evidence && (await keepScenario(keep ?? EVIDENCE, result, evidence, keep !== undefined));
      tellVerdict(result.verdict, `${result.scenario}, round ${result.round}`, result.reasons);
      if (result.verdict === 'fail' && kept !== undefined) tell(`          captures and logs: ${kept}`);
    },
  });
  if (html !== undefined && recorder) await writePage(html, recorder.recordings);
  return { results, cases, table: [RESULT_HEAD, ...results.map(resultCells)], counts: 'as expected' };
}

async function scenarioRecorder() {
  const [{ ScenarioRecorder }, { watchLab }] = await Promise.all([
    import('../../../web/record/record-scenarios'),
    import('../../../web/observe/watch-lab'),
  ]);
  return new ScenarioRecorder(watchLab);
}

async function plantLeaks(around: Around, { seed }: Playing): Promise<Played> {
  const [{ plantedLeaks }, { runPlanted }, { caseOfPlanted, PLANTED_HEAD, plantedCells }] = await Promise.all(
    [
      import('../../../scenarios/planted/planted'),
      import('../../../scenarios/planted/run-planted'),
      import('../../../report/scenarios'),
    ],
  );
  const { cases, add } = casesOf(caseOfPlanted);
  const results = await runPlanted(plantedLeaks, {
    ...around,
    seed,
    onResult: (result) => {
      add(result);
      tellVerdict(result.verdict, result.planted, []);
    },
  });
  return { results, cases, table: [PLANTED_HEAD, ...results.map(plantedCells)], counts: 'found' };
}

async function runCleanly(around: Around, { seed, rounds = CLEAN_ROUNDS }: Playing): Promise<Played> {
  const [{ runClean }, { caseOfClean, CLEAN_HEAD, cleanCells }] = await Promise.all([
    import('../../../scenarios/clean'),
    import('../../../report/scenarios'),
  ]);
  const { cases, add } = casesOf((result: CleanResult, duration_ms) =>
    caseOfClean('clean', result, duration_ms),
  );
  const results = await runClean({
    ...around,
    seed,
    rounds,
    onResult: (result) => {
      add(result);
      tellVerdict(result.verdict, `${result.architecture}, round ${result.round}`, result.reasons);
    },
  });
  return { results, cases, table: [CLEAN_HEAD, ...results.map(cleanCells)], counts: 'clean' };
}

async function watchWholeLives(around: Around, { seed }: Playing): Promise<Played> {
  const [{ watchLives }, { caseOfClean, CLEAN_HEAD, cleanCells }] = await Promise.all([
    import('../../../scenarios/whole-life'),
    import('../../../report/scenarios'),
  ]);
  const { cases, add } = casesOf((result: CleanResult, duration_ms) =>
    caseOfClean('whole-life', result, duration_ms),
  );
  const results = await watchLives({
    ...around,
    seed,
    onResult: (result) => {
      add(result);
      tellVerdict(result.verdict, result.architecture, result.reasons);
    },
  });
  return { results, cases, table: [CLEAN_HEAD, ...results.map(cleanCells)], counts: 'clean' };
}

function tellVerdict(verdict: 'pass' | 'fail', what: string, reasons: readonly string[]): void {
  tell(`${verdict === 'pass' ? '    pass' : '    FAIL'}  ${what}`);
  for (const reason of reasons) tell(`          ${reason}`);
}

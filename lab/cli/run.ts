import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import type { ScenarioResult } from '../scenarios/result';
import type { Architecture, Scenario } from '../scenarios/scenario';
import { abortOnSignals } from './interrupt';
import { print, printJson, table, tell, told } from './output';
import { loadTopology } from './topology-source';
import { UsageError } from './usage-error';
import { wholeNumber } from './whole-number';

interface RunCommandOptions {
  readonly list?: boolean;
  readonly json?: boolean;
  readonly seed?: string;
  readonly rounds?: string;
  readonly keep?: string;
}

/** What is left behind in any case; captures only of what failed. */
const EVIDENCE = '.lab/scenarios';
const ROUNDS_MAX = 10_000;

export function registerRun(program: Command): void {
  program
    .command('run')
    .description(
      'Play scenarios in labs of their own: what goes wrong in a copy, and that nothing leaks from it.',
    )
    .argument('[scenarios...]', 'names of scenarios, or `all`')
    .option('--list', 'list the scenarios, with what each teaches')
    .option('--seed <number>', 'what load and chance are derived from; the results say which was used')
    .option('--rounds <number>', 'play each so often, each round with the next seed')
    .option(
      '--keep <dir>',
      `keep captures of all rounds in this directory (default: of those that fail, in ${EVIDENCE})`,
    )
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  lab run start-tcpcopy-intercept-rule\n  lab run all')
    .action(async (names: string[], options: RunCommandOptions) => {
      const { scenarios } = await import('../scenarios/catalogue/all');
      if (options.list || names.length === 0) {
        list(scenarios, options.json ?? false);
        return;
      }
      const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff) ?? randomInt(1, 1_000_000);
      const rounds = wholeNumber('--rounds', options.rounds, 1, ROUNDS_MAX);
      const chosen = choose(scenarios, names);
      const results = await run(chosen, seed, rounds, options.keep);
      if (options.json) printJson(results);
      else await tellResults(results);
      if (results.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
    });
}

function list(scenarios: readonly Scenario[], json: boolean): void {
  const rows = scenarios.map(({ name, architecture, title, teaches }) => ({
    name,
    architecture,
    title,
    teaches,
  }));
  if (json) printJson(rows);
  else print(table(rows.map(({ name, title }) => [name, title])));
}

function choose(scenarios: readonly Scenario[], names: readonly string[]): Scenario[] {
  if (names.includes('all')) return [...scenarios];
  return names.map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new UsageError(`There is no scenario named ${name}.`, '`lab run --list` names them.');
  });
}

async function run(
  scenarios: readonly Scenario[],
  seed: number,
  rounds: number | undefined,
  keep: string | undefined,
): Promise<ScenarioResult[]> {
  const signal = abortOnSignals();
  const [{ assertEngineAnswers }, { runScenarios }, { keepScenario }] = await Promise.all([
    import('../engine/docker'),
    import('../scenarios/run'),
    import('../report/scenarios'),
  ]);
  await assertEngineAnswers();
  const topologies: Record<Architecture, Awaited<ReturnType<typeof loadTopology>>> = {
    traditional: await loadTopology('traditional'),
    'data-link': await loadTopology('data-link'),
  };
  return runScenarios(scenarios, {
    topologies,
    seed,
    rounds,
    progress: told,
    signal,
    onResult: async (result, evidence) => {
      const kept = evidence && (await keepScenario(keep ?? EVIDENCE, result, evidence, keep !== undefined));
      tell(
        `${result.verdict === 'pass' ? '    pass' : '    FAIL'}  ${result.scenario}, round ${result.round}`,
      );
      if (result.verdict === 'fail') {
        for (const reason of result.reasons) tell(`          ${reason}`);
        if (kept !== undefined) tell(`          captures and logs: ${kept}`);
      }
    },
  });
}

async function tellResults(results: readonly ScenarioResult[]): Promise<void> {
  const { RESULT_HEAD, resultCells } = await import('../report/scenarios');
  print(table([RESULT_HEAD, ...results.map(resultCells)]));
  const passed = results.filter(({ verdict }) => verdict === 'pass').length;
  print(
    `\n${passed} of ${results.length} as expected (seed ${Math.min(...results.map(({ seed }) => seed))})`,
  );
}

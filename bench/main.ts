/** `make bench`: what is measured, and the command line. */
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { abortOnSignals, interruptedStatus } from '../lab/cli/terminal/interrupt';
import { print, printJson, tell } from '../lab/cli/terminal/output';
import type { BenchOptions, Builds } from './candidates/options';
import { writePrograms } from './candidates/programs';
import { completeness } from './completeness/completeness';
import { compareCost } from './compare/compare';
import { liveCost } from './compare/live';
import { compareCostText, compareRows, liveCostText, liveRows } from './compare/text';
import { completenessTable } from './completeness/text';
import { requirementsOf } from './cost/acceptance';
import { PAIRS_MIN } from './cost/against-before';
import { cost } from './cost/cost';
import { costPicture } from './cost/picture';
import { costText } from './cost/text';
import { delay, delayText } from './delay/delay';
import { sessions, sessionsText } from './engine/sessions';
import { sideBySideText } from './engine/side-by-side';
import { engineWorkers } from './engine/workers';
import { floor } from './floor/floor';
import { floorPicture } from './floor/picture';
import { isMet, rowsOf as floorRowsOf } from './floor/summary';
import { floorText } from './floor/text';
import { footprint } from './footprint/footprint';
import { footprintRequirements, footprintText } from './footprint/text';
import { offlineMemory, offlineMemoryText } from './offline/memory';
import { offlineInLab, offlineInLabText } from './offline/in-lab';
import { offlineWorkers } from './offline/workers';
import { againstOriginals } from './sweep/curve';
import { sweepPicture } from './sweep/picture';
import { isMet as isSweepMet, rowsOf as sweepRowsOf } from './sweep/summary';
import { sweep } from './sweep/sweep';
import { sweepText } from './sweep/text';
import { watchCost, watchCostText, watchPairText } from './watch/watch-cost';

const EXIT_MISSED = 1;
const EXIT_USAGE = 2;

const program = new Command('bench')
  .description(
    'Measures the copy in labs of its own. Exit status 1 when a measurement misses what is promised.',
  )
  .usage('<benchmark> [options]')
  .exitOverride();

const list = (text: string): string[] => text.split(',');

interface CompletenessArguments {
  readonly only?: readonly string[];
  readonly idle: number;
  readonly json?: boolean;
}

program
  .command('completeness')
  .description(
    'Every load: what online and test got, request by request. About ten minutes; twice that with the C original, where PEER=<directory> holds it.',
  )
  .option('--only <loads>', 'some of them, by their names, separated by commas', list)
  .option('--idle <seconds>', 'how long the idle connections are idle', wholeNumber(500), 60)
  .option('--json', 'print rows as JSON, with counters')
  .action(async ({ only = [], idle, json }: CompletenessArguments) => {
    const { peer } = builds();
    const rows = await completeness({ only, idle_ms: idle * 1000, peer, signal: abortOnSignals() });
    if (json) printJson(rows);
    else print(completenessTable(rows));
    if (!rows.every(({ exact }) => exact)) process.exitCode = EXIT_MISSED;
  });

interface DelayArguments {
  readonly rate: number;
  readonly seconds: number;
  readonly json?: boolean;
}

program
  .command('delay')
  .description(
    'From a request at the online server to its copy leaving it, at a fixed rate. About 20 seconds.',
  )
  .option('--rate <number>', 'requests a second', wholeNumber(20_000), 5_000)
  .option('--seconds <number>', 'how long', wholeNumber(60), 10)
  .option('--json', 'print the figures as JSON')
  .action(async ({ rate, seconds: duration_s, json }: DelayArguments) => {
    const result = await delay({ rate, duration_ms: duration_s * 1000, signal: abortOnSignals() });
    if (json) printJson(result);
    else print(delayText(result));
    if (!result.met) process.exitCode = EXIT_MISSED;
  });

interface OfflineArguments {
  readonly megabytes: number;
  readonly workers?: number;
  readonly lab?: boolean;
  readonly json?: boolean;
}

program
  .command('offline')
  .description('How much memory the replay of a large capture takes. Two minutes or so for 2 GB.')
  .option(
    '--megabytes <number>',
    'size of the capture, which is made on the way',
    wholeNumber(100_000),
    2_000,
  )
  .option(
    '--workers <number>',
    'how much quicker as many threads play one than one does, instead; half a minute',
    wholeNumber(16),
  )
  .option('--lab', 'the same with a test server, in a lab; three minutes')
  .option('--json', 'print the figures as JSON')
  .action(async ({ megabytes, workers, lab, json }: OfflineArguments) => {
    if (workers !== undefined && lab) {
      const inLab = await offlineInLab(workers, abortOnSignals());
      if (json) printJson(inLab);
      else print(offlineInLabText(inLab));
      return;
    }
    if (workers !== undefined) {
      const shared = await offlineWorkers(workers, abortOnSignals());
      if (json) printJson(shared);
      else print(sideBySideText(shared));
      if (shared.met === false) process.exitCode = EXIT_MISSED;
      return;
    }
    const result = await offlineMemory(megabytes * 1e6, abortOnSignals());
    if (json) printJson(result);
    else print(offlineMemoryText(result));
    if (!result.met) process.exitCode = EXIT_MISSED;
  });

program
  .command('sessions')
  .description(
    'The engine without a kernel: CPU time a request, and memory a session, with 100 to 100,000 open. A minute.',
  )
  .option(
    '--workers <number>',
    'how much more as many threads do than one, instead; half a minute',
    wholeNumber(16),
  )
  .option('--json', 'print the figures as JSON')
  .action(async ({ workers, json }: { readonly workers?: number; readonly json?: boolean }) => {
    if (workers !== undefined) {
      const shared = await engineWorkers(workers, abortOnSignals());
      if (json) printJson(shared);
      else print(sideBySideText(shared));
      if (shared.met === false) process.exitCode = EXIT_MISSED;
      return;
    }
    const result = sessions(abortOnSignals());
    if (json) printJson(result);
    else print(sessionsText(result));
    if (!result.met) process.exitCode = EXIT_MISSED;
  });

interface ComparisonArguments {
  readonly only?: readonly string[];
  readonly candidates?: readonly string[];
  readonly rounds?: number;
  readonly picture?: string;
  readonly json?: boolean;
}

/** A benchmark that compares candidates. @param what `--only` names, and in what words */
const comparison = (name: string, description: string, only: string, rounds: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--only <names>', only, list)
    .option('--candidates <names>', 'some of packages, ring, before, 0.9, 1.x', list)
    .option('--rounds <number>', `how often each is measured (default ${rounds})`, wholeNumber(100))
    .option('--picture <file>', 'draw it there as SVG')
    .option('--json', 'print what was measured as JSON');

function benchOptions(
  { only = [], candidates = [], rounds }: ComparisonArguments,
  roundsDefault: number,
): BenchOptions {
  return { only, candidates, builds: builds(), rounds: rounds ?? roundsDefault, signal: abortOnSignals() };
}

const builds = (): Builds => ({
  peer: process.env['PEER'] || undefined,
  before: process.env['BEFORE'] || undefined,
});

const COST_ROUNDS = 5;
const SWEEP_ROUNDS = 3;

comparison(
  'cost',
  'What a copy costs: ours, in turn with the C original where PEER=<directory> holds it; or with an earlier build of ours, where BEFORE=<directory> does.',
  'some loads, by their names, separated by commas',
  `${COST_ROUNDS}; ${PAIRS_MIN} with BEFORE`,
).action(async (given: ComparisonArguments) => {
  const result = await cost(benchOptions(given, builds().before === undefined ? COST_ROUNDS : PAIRS_MIN));
  const requirements = requirementsOf(result);
  if (given.picture !== undefined) await writeFile(given.picture, costPicture(result));
  if (given.json) printJson({ ...result, requirements });
  else print(costText(result));
  if (requirements.some(({ met }) => !met)) process.exitCode = EXIT_MISSED;
});

comparison(
  'sweep',
  'How what a copy costs grows, with one thing varied at a time. About six minutes for ours alone.',
  'some of rate, coalesce, responses, copies, sessions',
  String(SWEEP_ROUNDS),
).action(async (given: ComparisonArguments) => {
  const result = await sweep(benchOptions(given, SWEEP_ROUNDS));
  if (given.picture !== undefined) await writeFile(given.picture, sweepPicture(result));
  if (given.json)
    printJson({
      ...result,
      rows: sweepRowsOf(result),
      curve: againstOriginals(result),
      met: isSweepMet(result),
    });
  else print(sweepText(result));
  if (!isSweepMet(result) || !againstOriginals(result).every(({ met }) => met))
    process.exitCode = EXIT_MISSED;
});

interface WatchArguments {
  readonly rounds: number;
  readonly json?: boolean;
}

program
  .command('watch')
  .description(
    "What `lab watch` takes from the clients' rate (ab -k -c 10), with and without in turn. Five minutes.",
  )
  .option('--rounds <number>', 'how often each is measured', wholeNumber(100), 20)
  .option('--json', 'print the figures as JSON')
  .action(async ({ rounds, json }: WatchArguments) => {
    const result = await watchCost(rounds, abortOnSignals(), (pair) => tell(watchPairText(pair)));
    if (json) printJson(result);
    else print(watchCostText(result));
    if (!result.met) process.exitCode = EXIT_MISSED;
  });

program
  .command('programs')
  .description('Bundles both programs as a commit has them, for BEFORE and `lab up --components`.')
  .argument('<commit>', 'anything that git takes for one')
  .argument('<directory>', 'where to write them')
  .action(async (commit: string, directory: string) => {
    await writePrograms(commit, directory);
    print(`${directory} holds tcpcopy and intercept of ${commit}.`);
  });

interface FloorArguments {
  readonly packets: number;
  readonly rounds: number;
  readonly picture?: string;
  readonly json?: boolean;
}

program
  .command('floor')
  .description('CPU time to send a packet, against a C program that does nothing else. Three minutes.')
  .option('--packets <number>', 'how many are sent each time', wholeNumber(999_999), 400_000)
  .option('--rounds <number>', 'how often each is measured', wholeNumber(100), 5)
  .option('--picture <file>', 'draw it there as SVG')
  .option('--json', 'print the figures as JSON')
  .action(async ({ packets, rounds, picture, json }: FloorArguments) => {
    const result = await floor({ packets, rounds, signal: abortOnSignals() });
    const rows = floorRowsOf(result);
    if (picture !== undefined) await writeFile(picture, floorPicture(result));
    if (json) printJson({ ...result, rows, met: isMet(rows) });
    else print(floorText(result));
    if (!isMet(rows)) process.exitCode = EXIT_MISSED;
  });

program
  .command('footprint')
  .description(
    'What the packaged programs take: memory at rest and under a load, time until they copy, size. A minute; another for each build of the C original, where PEER=<directory> holds it.',
  )
  .option('--json', 'print the figures as JSON')
  .action(async ({ json }: { readonly json?: boolean }) => {
    const measured = await footprint(builds().peer, abortOnSignals());
    const requirements = footprintRequirements(measured);
    if (json) printJson({ measured, requirements });
    else print(footprintText(measured));
    if (requirements.some(({ met }) => !met)) process.exitCode = EXIT_MISSED;
  });

program
  .command('compare')
  .description(
    'What it costs to compare answers: of what was recorded at both servers, and while the copy runs; memory included. Four minutes.',
  )
  .option('--rounds <number>', 'how often each load is played (default 3)', wholeNumber(100), 3)
  .option('--json', 'print the figures as JSON')
  .action(async ({ rounds, json }: { readonly rounds: number; readonly json?: boolean }) => {
    const signal = abortOnSignals();
    const rows = compareRows(await compareCost(rounds, signal));
    const live = liveRows(await liveCost(rounds, signal));
    if (json) printJson({ captures: rows, live });
    else print(`${compareCostText(rows)}\n\n${liveCostText(live)}`);
    if (rows.some(({ compared }) => compared < 1)) process.exitCode = EXIT_MISSED;
  });

/** Reads a whole number from 1. */
function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

try {
  // Without a benchmark, or with one that there is not, what there is is listed.
  const [benchmark] = process.argv.slice(2);
  const known = program.commands.some((command) => command.name() === benchmark);
  if (benchmark === undefined) program.outputHelp();
  else if (known || benchmark.startsWith('-')) await program.parseAsync();
  else {
    tell(`bench: there is no benchmark named ${benchmark}.\n`);
    tell(program.helpInformation());
    process.exitCode = EXIT_USAGE;
  }
} catch (error) {
  process.exitCode = statusFor(error);
}

function statusFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof Error)) throw error;
  const { code, mend } = error as Error & { code?: unknown; mend?: string };
  // Errors with a code are answers; without one they are faults of this program, and the trace helps.
  tell(typeof code === 'string' ? `bench: ${error.message}` : `bench: ${error.stack ?? error.message}`);
  if (mend !== undefined) tell(`  ${mend}`);
  if (interruptedStatus !== undefined) return interruptedStatus;
  return code === 'USAGE' ? EXIT_USAGE : EXIT_MISSED;
}

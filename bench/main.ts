/** `make bench`: what is measured, and the command line. */
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { abortOnSignals, interruptedStatus } from '../lab/cli/terminal/interrupt';
import { print, printJson, tell } from '../lab/cli/terminal/output';
import { completeness } from './completeness/completeness';
import { completenessTable } from './completeness/text';
import { requirementsOf } from './cost/acceptance';
import { cost } from './cost/cost';
import { costPicture } from './cost/picture';
import { costText } from './cost/text';
import { delay, delayText } from './delay/delay';
import { sessions, sessionsText } from './engine/sessions';
import { floor } from './floor/floor';
import { floorPicture } from './floor/picture';
import { isMet, rowsOf as floorRowsOf } from './floor/summary';
import { floorText } from './floor/text';
import { offlineMemory, offlineMemoryText } from './offline/memory';
import { sweepPicture } from './sweep/picture';
import { isMet as isSweepMet, rowsOf as sweepRowsOf } from './sweep/summary';
import { sweep } from './sweep/sweep';
import { sweepText } from './sweep/text';

const EXIT_MISSED = 1;
const EXIT_USAGE = 2;

const program = new Command('bench')
  .description(
    'Measures the copy in labs of its own. Exit status 1 when a measurement misses what is promised.',
  )
  .usage('<benchmark> [options]')
  .exitOverride();

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
  .option('--only <loads>', 'some of them, by their names, separated by commas', (text) => text.split(','))
  .option('--idle <seconds>', 'how long the idle connections are idle', wholeNumber(500), 60)
  .option('--json', 'print rows as JSON, with counters')
  .action(async ({ only = [], idle, json }: CompletenessArguments) => {
    const peer = process.env['PEER'] || undefined;
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

program
  .command('offline')
  .description('How much memory the replay of a large capture takes. Two minutes or so for 2 GB.')
  .option(
    '--megabytes <number>',
    'size of the capture, which is made on the way',
    wholeNumber(100_000),
    2_000,
  )
  .option('--json', 'print the figures as JSON')
  .action(async ({ megabytes, json }: { readonly megabytes: number; readonly json?: boolean }) => {
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
  .option('--json', 'print the figures as JSON')
  .action(({ json }: { readonly json?: boolean }) => {
    const result = sessions(abortOnSignals());
    if (json) printJson(result);
    else print(sessionsText(result));
    if (!result.met) process.exitCode = EXIT_MISSED;
  });

interface CostArguments {
  readonly only?: readonly string[];
  readonly candidates?: readonly string[];
  readonly rounds: number;
  readonly picture?: string;
  readonly json?: boolean;
}

const list = (text: string): string[] => text.split(',');

program
  .command('cost')
  .description('What a copy costs: ours, and the C original where PEER=<directory> holds it, alternately.')
  .option('--only <loads>', 'some loads, by their names, separated by commas', list)
  .option('--candidates <names>', 'some of packages, ring, 0.9, 1.x', list)
  .option('--rounds <number>', 'how often each is measured', wholeNumber(100), 5)
  .option('--picture <file>', 'draw it there as SVG')
  .option('--json', 'print what was measured as JSON')
  .action(async ({ only = [], candidates = [], rounds, picture, json }: CostArguments) => {
    const peer = process.env['PEER'] || undefined;
    const result = await cost({ only, candidates, peer, rounds, signal: abortOnSignals() });
    if (picture !== undefined) await writeFile(picture, costPicture(result));
    if (json) printJson({ ...result, requirements: requirementsOf(result) });
    else print(costText(result));
    if (requirementsOf(result).some(({ met }) => !met)) process.exitCode = EXIT_MISSED;
  });

program
  .command('sweep')
  .description(
    'How what a copy costs grows, with one thing varied at a time. About six minutes for ours alone.',
  )
  .option('--only <dimensions>', 'some of rate, responses, copies, sessions', list)
  .option('--candidates <names>', 'some of packages, ring, 0.9, 1.x (default all but packages)', list)
  .option('--rounds <number>', 'how often each is measured', wholeNumber(100), 3)
  .option('--picture <file>', 'draw it there as SVG')
  .option('--json', 'print what was measured as JSON')
  .action(async ({ only = [], candidates = [], rounds, picture, json }: CostArguments) => {
    const peer = process.env['PEER'] || undefined;
    const result = await sweep({ only, candidates, peer, rounds, signal: abortOnSignals() });
    if (picture !== undefined) await writeFile(picture, sweepPicture(result));
    if (json) printJson({ ...result, rows: sweepRowsOf(result), met: isSweepMet(result) });
    else print(sweepText(result));
    if (!isSweepMet(result)) process.exitCode = EXIT_MISSED;
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

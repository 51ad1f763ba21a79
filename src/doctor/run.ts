/**
 * How a program's doctor runs: the program's own options, and a few of the doctor's; exit status 0 when nothing is wrong, 1
 * when something is, 2 when it was called wrongly.
 */
import { writeFileSync } from 'node:fs';
import { watchOutput } from '../process/output';
import { formatHelp, type OptionSpec } from '../process/options';
import type { Command } from '../process/run';
import { DoctorError } from './collect/machine';
import type { Diagnosis } from './diagnosis';
import { takeWishes, type Wishes } from './wishes';
import { reportAsText, reportOn } from './report';

export interface Doctor<Options> {
  readonly program: 'tcpcopy' | 'intercept';
  /** What it takes besides `--json`, `--seconds` and the program's options. */
  readonly specs: readonly OptionSpec[];
  readonly examples: readonly string[];
  parse(argv: readonly string[]): Command<Options>;
  /** Reads, and changes nothing. */
  diagnose(options: Options, wishes: Wishes): Promise<readonly Diagnosis[]>;
}

const EXIT_WRONG = 1;
const EXIT_USAGE = 2;

const SPECS: readonly OptionSpec[] = [
  { long: 'json', group: 'Doctor', help: 'print JSON' },
  {
    long: 'seconds',
    value: '1-60',
    group: 'Doctor',
    help: 'how long packets are watched (default 1)',
  },
];

/** All that it takes besides the program's options. */
export const doctorSpecsOf = (doctor: Pick<Doctor<never>, 'specs'>): readonly OptionSpec[] => [
  ...doctor.specs,
  ...SPECS,
];

/** @param argv behind the word `doctor` */
export async function runDoctor<Options>(doctor: Doctor<Options>, argv: readonly string[]): Promise<void> {
  const { program } = doctor;
  watchOutput(`${program} doctor`);
  renameProcess();
  const specs = doctorSpecsOf(doctor);
  const { wishes, rest, faults } = takeWishes(specs, argv);
  if (rest.includes('--help') || rest.includes('-h')) {
    end(process.stdout, formatHelp(synopsisOf(program), specs, doctor.examples), 0);
    return;
  }
  const command = doctor.parse(rest);
  const refused = [...faults, ...(command.kind === 'refuse' ? command.faults : [])];
  if (command.kind !== 'run' || refused.length > 0) {
    const lines = refused.map((fault) => `${program} doctor: ${fault}\n`).join('');
    end(process.stderr, `${lines}Try '${program} doctor --help'.\n`, EXIT_USAGE);
    return;
  }
  try {
    const report = reportOn(await doctor.diagnose(command.options, wishes));
    const text = wishes.json ? JSON.stringify(report, null, 2) : reportAsText(`${program} doctor`, report);
    end(process.stdout, `${text}\n`, report.verdict === 'healthy' ? 0 : EXIT_WRONG);
  } catch (error) {
    if (!(error instanceof DoctorError)) throw error;
    end(process.stderr, `${program} doctor: ${error.message}\n`, EXIT_WRONG);
  }
}

/** What is still open, such as a connection that nobody answers on, must not keep who asked waiting. */
function end(stream: NodeJS.WriteStream, text: string, status: number): void {
  process.exitCode = status;
  // Behind what is told where the text cannot be written.
  stream.write(text, () => setImmediate(() => process.exit()));
}

const synopsisOf = (
  program: string,
): string => `${program} doctor: says why a copy does not work, by what this machine shows.

Give it the options that ${program} has, or shall have (${program} --help). It reads, and changes nothing.`;

/** Who looks for the program, or ends it by its name, does not mean its doctor. */
function renameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'doctor');
  } catch {
    // Not Linux: there is nothing to be found out either.
  }
}

/** `tcpcopy compare`: captures of both servers in, a report out. It sends nothing, and changes nothing but the files that it is told to write. */
import { existsSync } from 'node:fs';
import type { ComparisonReport } from '../../answers/account/report';
import { compareFiles } from '../../answers/captures/compare-files';
import { casesOfComparison } from '../../answers/report/cases';
import { comparisonAsPage } from '../../answers/report/html';
import { comparisonAsJson } from '../../answers/report/json';
import { comparisonAsText } from '../../answers/report/text';
import { crossedOf, undecidedOf, type Crossed } from '../../answers/report/thresholds';
import { CaptureError } from '../../capture/devices';
import { filesMatching } from '../../capture/file/glob';
import { watchOutput } from '../../process/output';
import { ReportFileError, tryToWrite, writeReportFile } from '../../report/files';
import { casesAsJunit } from '../../report/junit';
import { parseCompareOptions, type CompareWishes } from './options';

const EXIT_FAILED = 1;
const EXIT_NOT_COMPARED = 2;

/** @param argv behind the word `compare` */
export async function runCompare(argv: readonly string[]): Promise<void> {
  watchOutput('tcpcopy compare');
  const command = parseCompareOptions(argv, { exists: existsSync, matching: filesMatching });
  if (command.kind === 'print') process.stdout.write(command.text);
  else if (command.kind === 'refuse') {
    for (const fault of command.faults) tell(fault);
    process.stderr.write("Try 'tcpcopy compare --help'.\n");
    process.exitCode = EXIT_NOT_COMPARED;
  } else {
    try {
      await compare(command.options);
    } catch (error) {
      // A file that cannot be read or written, or is no capture.
      if (!(error instanceof CaptureError || error instanceof ReportFileError)) {
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      }
      tell((error as Error).message);
      process.exitCode = EXIT_NOT_COMPARED;
    }
  }
}

const tell = (line: string): void => void process.stderr.write(`tcpcopy compare: ${line}\n`);

async function compare(wishes: CompareWishes): Promise<void> {
  for (const file of [wishes.out, wishes.json, wishes.junit])
    if (file !== undefined && file !== '-') await tryToWrite(file);
  const { report, notes } = await compareFiles(wishes);
  const crossed = crossedOf(report, wishes.thresholds);
  await write(wishes, { report, crossed, undecided: undecidedOf(report, wishes.thresholds), notes });
  for (const note of notes) tell(note);
  if (report.pairs === 0) process.exitCode = EXIT_NOT_COMPARED;
  else if (crossed.length > 0) process.exitCode = EXIT_FAILED;
}

interface Outcome {
  readonly report: ComparisonReport;
  readonly crossed: readonly Crossed[];
  readonly undecided: readonly Crossed[];
  readonly notes: readonly string[];
}

async function write(
  { out, json, junit, thresholds, online, test }: CompareWishes,
  { report, crossed, undecided, notes }: Outcome,
): Promise<void> {
  const title = `${test.files.join(', ')} beside ${online.files.join(', ')}`;
  if (out !== undefined)
    await writeReportFile(out, comparisonAsPage(title, report, crossed, undecided, notes));
  if (junit !== undefined)
    await writeReportFile(
      junit,
      casesAsJunit(casesOfComparison('tcpcopy compare', report, thresholds, crossed, undecided)),
    );
  const asJson = comparisonAsJson(report, crossed, undecided, notes);
  if (json !== undefined && json !== '-') await writeReportFile(json, asJson);
  process.stdout.write(json === '-' ? asJson : `${comparisonAsText(report, crossed, undecided)}\n`);
}

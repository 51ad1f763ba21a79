/** `--junit` and `--summary`: what was tried, in files that CI servers read. */
import type { Command } from 'commander';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CaseReport } from '../../../src/report/case';
import { UsageError } from './usage-error';

export interface CiReportOptions {
  readonly junit?: string;
  readonly summary?: string;
}

export const withCiReports = (command: Command): Command =>
  command
    .option('--junit <file>', 'write the results as JUnit XML, for CI servers')
    .option('--summary <file>', 'append the results as Markdown, for example to "$GITHUB_STEP_SUMMARY"');

/** Before the work: a file that cannot be written would be known only after it. @throws UsageError */
export async function prepareCiReports({ junit, summary }: CiReportOptions): Promise<void> {
  for (const [option, file] of Object.entries({ junit, summary })) {
    if (file === undefined) continue;
    try {
      await mkdir(dirname(file)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
      // Opened for appending: what is there stays, a directory is refused.
      await appendFile(file, '');
    } catch (error) {
      throw new UsageError(
        `--${option} cannot be written: ${(error as Error).message}.`,
        'Name a file in a directory that can be written to.',
      );
    }
  }
}

/** @param title of the summary, for example the command */
export async function writeCiReports(
  { junit, summary }: CiReportOptions,
  title: string,
  cases: readonly CaseReport[],
): Promise<void> {
  if (junit !== undefined) {
    const { casesAsJunit } = await import('../../../src/report/junit');
    await writeFile(junit, casesAsJunit(cases));
  }
  if (summary !== undefined) {
    const { casesAsMarkdown } = await import('../../../src/report/summary');
    await appendFile(summary, casesAsMarkdown(title, cases));
  }
}

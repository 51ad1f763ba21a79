/** `--junit` and `--summary`: what was tried, in files that CI servers read. */
import type { Command } from 'commander';
import { appendFile } from 'node:fs/promises';
import type { CaseReport } from '../../../src/report/case';
import { prepareFiles, refusing, writeResult } from './result-files';

export interface CiReportOptions {
  readonly junit?: string;
  readonly summary?: string;
}

export const withCiReports = (command: Command): Command =>
  command
    .option('--junit <file>', 'write the results as JUnit XML, for CI servers')
    .option('--summary <file>', 'append the results as Markdown, for example to "$GITHUB_STEP_SUMMARY"');

/** Before the work. @throws UsageError */
export const prepareCiReports = ({ junit, summary }: CiReportOptions): Promise<void> =>
  prepareFiles({ junit, summary });

/** @param title of the summary, for example the command */
export async function writeCiReports(
  { junit, summary }: CiReportOptions,
  title: string,
  cases: readonly CaseReport[],
): Promise<void> {
  if (junit !== undefined) {
    const { casesAsJunit } = await import('../../../src/report/junit');
    await writeResult('junit', junit, casesAsJunit(cases));
  }
  if (summary !== undefined) {
    const { casesAsMarkdown } = await import('../../../src/report/summary');
    await refusing('summary', () => appendFile(summary, casesAsMarkdown(title, cases)));
  }
}

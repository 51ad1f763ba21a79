/** The report as files, each by the end of its name, written whole beside it and put in its place. */
import { closeSync, constants, renameSync, writeFileSync } from 'node:fs';
import type { ComparisonReport } from '../../answers/account/report';
import { casesOfComparison } from '../../answers/report/cases';
import { comparisonAsPage } from '../../answers/report/html';
import { comparisonAsJson } from '../../answers/report/json';
import type { Crossed, Threshold } from '../../answers/report/thresholds';
import { openToWrite } from '../../process/own-file';
import { casesAsJunit } from '../../report/junit';
import { besides } from './report-paths';

export interface Told {
  readonly report: ComparisonReport;
  readonly thresholds: readonly Threshold[];
  readonly crossed: readonly Crossed[];
  readonly undecided: readonly Crossed[];
}

const TITLE = 'The test server beside the online server, while traffic is copied';

const FORMS: Readonly<Record<string, (told: Told) => string>> = {
  html: ({ report, crossed, undecided }) => comparisonAsPage(TITLE, report, crossed, undecided),
  json: ({ report, crossed, undecided }) => comparisonAsJson(report, crossed, undecided),
  xml: ({ report, thresholds, crossed, undecided }) =>
    casesAsJunit(casesOfComparison('intercept --compare', report, thresholds, crossed, undecided)),
};

const { O_TRUNC, O_WRONLY } = constants;

/** @throws the system's error, and OwnFileError */
export function writeReport(path: string, told: Told): void {
  const form = FORMS[path.slice(path.lastIndexOf('.') + 1)]!;
  const fresh = besides(path);
  const descriptor = openToWrite(fresh, O_WRONLY | O_TRUNC);
  try {
    writeFileSync(descriptor, form(told));
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
}

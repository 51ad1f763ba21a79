/** A comparison as JSON, for programs: the report itself, and the limits that are passed. */
import type { ComparisonReport } from '../account/report';
import type { Crossed } from './thresholds';

export const comparisonAsJson = (report: ComparisonReport, crossed: readonly Crossed[]): string =>
  `${JSON.stringify({ ...report, crossed }, null, 2)}\n`;

/** A comparison as JSON, for programs: the report itself, the limits that are passed, and those of which that cannot be told. */
import type { ComparisonReport } from '../account/report';
import type { Crossed } from './thresholds';

export const comparisonAsJson = (
  report: ComparisonReport,
  crossed: readonly Crossed[],
  undecided: readonly Crossed[] = [],
): string => `${JSON.stringify({ ...report, crossed, undecided }, null, 2)}\n`;

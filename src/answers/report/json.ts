/** A comparison as JSON, for programs: the report, the limits that are passed or may be, and what is to be known of the captures. */
import type { ComparisonReport } from '../account/report';
import type { Crossed } from './thresholds';

export const comparisonAsJson = (
  report: ComparisonReport,
  crossed: readonly Crossed[],
  undecided: readonly Crossed[] = [],
  notes: readonly string[] = [],
): string => `${JSON.stringify({ ...report, crossed, undecided, notes }, null, 2)}\n`;

/** What both servers of a lab answer, side by side, as programs ask for it. */
import { writeFile } from 'node:fs/promises';
import { compareLab, type CompareLabOptions } from '../compare/compare-lab';
import type { RunningLab } from '../engine/commands/lab';
import { ALWAYS_IGNORED, ALWAYS_REDACTED, Rules } from '../../src/answers/compare/rules';
import type { ComparisonReport } from '../../src/answers/account/report';
import { comparisonAsPage } from '../../src/answers/report/html';
import { crossedOf, parseThreshold, undecidedOf, type Crossed } from '../../src/answers/report/thresholds';

export interface LabCompareOptions extends Omit<CompareLabOptions, 'rules' | 'onPhase'> {
  /** Limits, as in `differing > 0.1%` or `route p99 > 2x`; those that are passed stand in `crossed`. */
  readonly fail?: readonly string[];
  /** Places that are not compared, as in `header:etag` or `json:$..id`. */
  readonly ignore?: readonly string[];
  /** Places that are shown in no report. */
  readonly redact?: readonly string[];
  /** A file, for the report as an HTML page. */
  readonly out?: string;
}

/** What `lab compare --json` prints. */
export interface LabComparison extends ComparisonReport {
  readonly crossed: readonly Crossed[];
  /** Limits of times of which cannot be told whether they are passed, though it looks so. */
  readonly undecided: readonly Crossed[];
  /** What a reader must know of the captures, a line each. */
  readonly notes: readonly string[];
  /** What the load was derived from; undefined of the user's own. */
  readonly seed: number | undefined;
}

/** @throws VerifyError, RuleError, ThresholdError */
export async function compareInLab(
  lab: RunningLab,
  { fail = [], ignore = [], redact = [], out, ...options }: LabCompareOptions,
): Promise<LabComparison> {
  const thresholds = fail.map(parseThreshold);
  const rules = {
    ignore: new Rules([...ALWAYS_IGNORED, ...ignore]),
    redact: new Rules([...ALWAYS_REDACTED, ...redact]),
  };
  const { scene, report, notes, seed } = await compareLab(lab, { ...options, rules });
  const [crossed, undecided] = [crossedOf(report, thresholds), undecidedOf(report, thresholds)];
  const title = `${scene.test.name} beside ${scene.online.name}`;
  if (out !== undefined) await writeFile(out, comparisonAsPage(title, report, crossed, undecided, notes));
  return { ...report, crossed, undecided, notes, seed };
}

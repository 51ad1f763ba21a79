import { writeSync } from 'node:fs';

/** Ends a run with one plain line that any program can read. A suite that could not be run counts as a failure. */
export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest's own summary comes after all reporters; only at the exit nothing comes any more.
    process.once('exit', () => writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`));
  }
}

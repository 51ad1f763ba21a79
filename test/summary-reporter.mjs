import { writeSync } from 'node:fs';

/**
 * Ends a run with one plain line that any program can read. A suite that could not be run counts as a failure. Before it stand the files
 * that were not drawn.
 */
export default class SummaryReporter {
  #notDrawn;
  #drawSeed;

  constructor(_globalConfig, { notDrawn, drawSeed }) {
    this.#notDrawn = notDrawn;
    this.#drawSeed = drawSeed;
  }

  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest's own summary comes after all reporters; only at the exit nothing comes any more.
    process.once('exit', () => {
      if (this.#notDrawn.length > 0)
        writeSync(1, `Not drawn for today (DRAW_SEED=${this.#drawSeed}): ${this.#notDrawn.join(', ')}\n`);
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`);
    });
  }
}

import Sequencer from '@jest/test-sequencer';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * How many seconds files took, beside others on two cores; of those that only compute, the longest alone. They only have to say which take
 * longer than others: those that begin late keep one core busy at the end, and the others idle.
 */
const times_s = JSON.parse(readFileSync(join(import.meta.dirname, 'times.json'), 'utf8'));

/** Those on labs have workers of their own; among the others, what computes longest begins first. */
const SUITES = ['e2e', 'sim', 'fuzz', 'unit'];

const suiteOf = ({ context }) => SUITES.indexOf(context.config.displayName.name);
const timeOf = ({ path }) => times_s[relative(root, path).replace(/\.test\.ts$/, '')] ?? 0;

/** The order in which files are handed to the workers: of each suite the longest first, as far as that is known. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super
      .sort(tests)
      .toSorted((one, other) => suiteOf(one) - suiteOf(other) || timeOf(other) - timeOf(one));
  }
}

import Sequencer from '@jest/test-sequencer';

/** What waits most begins first, and what computes fills the gaps that it leaves. */
const SUITES = ['e2e', 'sim', 'fuzz', 'unit'];

/** The order in which files are handed to the workers: of each suite the longest first, as far as that is known. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ context }) => SUITES.indexOf(context.config.displayName.name);
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}

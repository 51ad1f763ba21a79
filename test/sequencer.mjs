import Sequencer from '@jest/test-sequencer';
import { basename } from 'node:path';

/** What waits most begins first, and what computes fills the gaps that it leaves. */
const SUITES = ['e2e', 'sim', 'fuzz', 'unit'];

/** Files that take minutes. Those that begin late keep one core busy at the end, and the others idle. */
const LONG = [
  'watch',
  'scenarios',
  'package',
  'readme',
  'verify-shipped',
  'own-address',
  'doctor',
  'overload',
  'library',
  'changes',
  'lab-lifecycle',
  'pages',
  'offline',
  'verify-data-link',
  'verify-breakages',
  'watch-page',
  'components',
  'lessons',
];

/** The order in which files are handed to the workers: of each suite the longest first, as far as that is known. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ path, context }) {
  const long = LONG.indexOf(basename(path, '.test.ts'));
  return (
    SUITES.indexOf(context.config.displayName.name) * (LONG.length + 1) + (long < 0 ? LONG.length : long)
  );
}

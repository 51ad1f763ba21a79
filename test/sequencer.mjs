import Sequencer from '@jest/test-sequencer';
import { basename } from 'node:path';

/** Those on labs have workers of their own; among the others, what computes longest begins first. */
const SUITES = ['e2e', 'sim', 'fuzz', 'unit'];

/** Files that take longer than others. Those that begin late keep one core busy at the end, and the others idle. */
const LONG = [
  'packages',
  'scenarios',
  'watch',
  'readme',
  'package',
  'compare',
  'service',
  'own-address',
  'doctor',
  'verify-data-link',
  'library',
  'offline',
  'watch-page',
  'changes',
  'lab-lifecycle',
  'components',
  'recordings',
  'lessons',
  'pages',
  'verify-healthy',
  'fence',
  'otherwise',
  'verify-breakages',
  'verify-routed',
  'ipv6',
  'control',
  'compare-verified',
  'path-mtu',
  'recorded-page',
  'loads',
  'guard',
  'verify-shipped',
  'addresses',
  'overload',
  'attacks',
  'lab',
  'ground-truth',
  'worlds',
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

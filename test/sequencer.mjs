import Sequencer from '@jest/test-sequencer';
import { basename } from 'node:path';

/** Those on labs have workers of their own; among the others, what computes longest begins first. */
const SUITES = ['e2e', 'sim', 'fuzz', 'unit'];

/** Files that take longer than others. Those that begin late keep one core busy at the end, and the others idle. */
const LONG = [
  'watch',
  'packages',
  'readme',
  'package',
  'scenarios',
  'engines',
  'lab-lifecycle',
  'pages',
  'offline',
  'compare',
  'doctor',
  'verify-data-link',
  'service',
  'fence',
  'components',
  'own-address',
  'changes',
  'otherwise',
  'verify-routed',
  'compare-verified',
  'lessons',
  'library',
  'control',
  'recordings',
  'path-mtu',
  'killed-commands',
  'addresses',
  'ipv6',
  'verify-shipped',
  'verify-healthy',
  'loads',
  'verify-breakages',
  'responses',
  'watch-page',
  'overload',
  'recorded-page',
  'guard',
  'standing-guard',
  'options',
  'attacks',
  'lab',
  'live',
  'any-traffic',
  'ground-truth',
  'times',
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

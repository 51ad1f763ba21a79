/**
 * Files on labs that are many of a kind: `make test` plays those that are drawn for the day, as it draws tests within a file. Whoever
 * names files plays them, and `make soak ARGS=drawn` plays all.
 */
import { draw } from './draw';

interface Kind {
  readonly kind: string;
  /** How many of them are played. */
  readonly count: number;
  /** Below `e2e`, without their ending. */
  readonly files: readonly string[];
}

/** What proves on purpose that a broken guard is seen, that what is copied is exact on the usual networks, or what programs do by their options is in none of them. */
export const KINDS: readonly Kind[] = [
  { kind: 'pages that are followed', count: 1, files: ['docs/readme', 'docs/pages'] },
  {
    kind: 'pages in a browser',
    count: 2,
    files: ['browser/watch', 'browser/watch-page', 'browser/recorded-page', 'proof/recordings'],
  },
  {
    kind: 'other networks',
    count: 2,
    files: [
      'copy/addresses',
      'copy/own-address',
      'copy/path-mtu',
      'copy/several-servers',
      'proof/ipv6',
      'proof/verify-routed',
    ],
  },
  {
    kind: 'more than one process, or more than it can take',
    count: 1,
    files: ['copy/containers', 'copy/overload', 'copy/workers'],
  },
  {
    kind: 'answers that are timed and compared',
    count: 2,
    files: ['copy/compare', 'copy/compare-verified', 'copy/responses', 'lab/compare'],
  },
  {
    kind: 'servers and programs of others',
    count: 2,
    files: ['lab/components', 'lab/service', 'proof/verify-servers', 'proof/verify-shipped'],
  },
  { kind: 'several machines', count: 1, files: ['lab/engines', 'lab/machines'] },
  { kind: 'what is packed', count: 1, files: ['lab/package', 'lab/packages'] },
  {
    kind: 'uses of labs',
    count: 2,
    files: ['lab/changes', 'lab/killed-commands', 'lab/lab-node', 'lab/lessons', 'lab/library'],
  },
];

/** @returns those that are not played, below `e2e` */
export const leftOut = (seed: string): string[] =>
  KINDS.flatMap(({ kind, count, files }) => {
    const drawn = draw(files, count, { seed, nameOf: (file) => `${kind} ${file}` });
    return files.filter((file) => !drawn.includes(file));
  });

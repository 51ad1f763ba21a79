/** What is varied: one thing at a time, everything else being equal. */
import type { BytesFile } from '../servers/bytes-file';
import { BenchError } from '../stage/bench-error';

export interface Point {
  /** What it is called in tables. */
  readonly title: string;
  readonly connections: number;
  /** Requests a second of all connections together. */
  readonly rate: number;
  readonly duration_ms: number;
  /** Of each request, by `-n`. */
  readonly copies: number;
  /** What each request asks for; undefined is the shortest answer. */
  readonly file: BytesFile | undefined;
  /** `--coalesce`, which only ours has; undefined leaves it to the program. */
  readonly coalesce_us?: number;
  /** How late copies are is measured, too. */
  readonly isTimed?: true;
}

export interface Dimension {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  /** Heads the column of the points' titles. */
  readonly heading: string;
  readonly points: readonly Point[];
}

/** Some hundred requests, or more. */
const DURATION_MS = 1_500;
/** Where there is little to do, it takes longer. */
const DURATION_LONG_MS = 4_000;
const KILO = 1024;

/** The program finds its own way. */
export const BY_ITSELF = 'by itself';

const usual = {
  connections: 50,
  rate: 1_000,
  duration_ms: DURATION_MS,
  copies: 1,
  file: undefined,
};

const digits = (value: number): string => value.toLocaleString('en');

/** What takes more and more memory comes last, as a program keeps it. */
export const dimensions: readonly Dimension[] = [
  {
    id: 'rate',
    title: 'Requests a second, over 50 connections',
    heading: 'requests a second',
    points: [500, 1_000, 2_000, 5_000].map((rate) => ({
      ...usual,
      title: digits(rate),
      rate,
      duration_ms: rate === 500 ? DURATION_LONG_MS : DURATION_MS,
    })),
  },
  {
    id: 'coalesce',
    title: 'What promptness costs (--coalesce), at 5,000 requests a second over 50 connections',
    heading: '--coalesce, µs',
    points: [undefined, 0, 100, 200, 400, 1_000, 2_000].map((coalesce_us) => ({
      ...usual,
      title: coalesce_us === undefined ? BY_ITSELF : digits(coalesce_us),
      rate: 5_000,
      duration_ms: DURATION_LONG_MS / 2,
      ...(coalesce_us !== undefined && { coalesce_us }),
      isTimed: true,
    })),
  },
  {
    id: 'responses',
    title: 'Size of a response, at 200 requests a second over 20 connections',
    heading: 'response',
    points: [
      { title: '100 B', name: '100', bytes: 100 },
      { title: '1 kB', name: '1k', bytes: KILO },
      { title: '10 kB', name: '10k', bytes: 10 * KILO },
      { title: '100 kB', name: '100k', bytes: 100 * KILO },
      { title: '1 MB', name: '1m', bytes: KILO * KILO },
    ].map(({ title, ...file }) => ({
      ...usual,
      title,
      connections: 20,
      rate: 200,
      duration_ms: DURATION_LONG_MS / 2,
      file,
    })),
  },
  {
    id: 'copies',
    title: 'Copies of each connection (-n), at 100 requests a second over 10 connections',
    heading: '-n',
    points: [1, 3, 10, 30, 100].map((copies) => ({
      ...usual,
      title: digits(copies),
      connections: 10,
      rate: 100,
      duration_ms: copies === 1 ? DURATION_LONG_MS : DURATION_MS,
      copies,
    })),
  },
  {
    id: 'sessions',
    title: 'Open connections, at 1,000 requests a second over all of them',
    heading: 'open connections',
    points: [100, 1_000, 10_000].map((connections) => ({
      ...usual,
      title: digits(connections),
      connections,
    })),
  },
];

/** @param only ids; all dimensions when there are none */
export function dimensionsFor(only: readonly string[]): readonly Dimension[] {
  const unknown = only.filter((id) => !dimensions.some((dimension) => dimension.id === id));
  if (unknown.length > 0) {
    throw new BenchError(
      'USAGE',
      `There is nothing named ${unknown.join(' or ')} to vary.`,
      `There are: ${dimensions.map(({ id }) => id).join(', ')}.`,
    );
  }
  return dimensions.filter(({ id }) => only.length === 0 || only.includes(id));
}

/** What one load came to. */
import type { Difference } from '../records/book';
import type { Played } from '../tools/play';
import type { LoadName } from './load-name';

export interface Row {
  /** What it is called on the command line. */
  readonly id: string;
  readonly title: string;
  /** Requests that the online server got. */
  readonly online: number;
  readonly test: number;
  readonly missing: number;
  readonly doubled: number;
  /** Requests that tcpcopy counted as doubtful: they may have been carried out, and were not said again. */
  readonly doubtful: number;
  /** Requests of connections that were left out, whole or from one of them on: not missing. */
  readonly leftOut: number;
  /** As long as the client was at it. */
  readonly seconds: number;
  /** Requests a second, as the client saw them. */
  readonly rate: number;
  /** From the client's end until the test server had all. */
  readonly lag_ms: number;
  readonly exact: boolean;
  /** The C original's figures for the same load, where there are some. */
  readonly original: string | undefined;
  /** Sentences for a reader: what was measured besides, and examples of what is not exact. */
  readonly notes: readonly string[];
  /** By how much tcpcopy's counters grew; nothing, where other programs than ours copied. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What was seen of a load. */
export interface Seen {
  readonly difference: Difference;
  /** Whether what is missing is excused as far as it was counted as doubtful. */
  readonly mayDoubt?: boolean;
  readonly leftOut?: number;
  readonly played: Played;
  readonly lag_ms: number;
  /** What is wrong besides requests that are missing or doubled: sentences. */
  readonly faults: readonly string[];
  /** What was measured besides: sentences. */
  readonly notes?: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

const DOUBTFUL = 'requests_doubtful';

export function rowOf(load: LoadName, seen: Seen): Row {
  const { difference, mayDoubt = false, leftOut = 0, played, lag_ms, faults, notes = [], counters } = seen;
  const { online, test, missing, doubled, examplesMissing, examplesDoubled } = difference;
  const doubtful = counters[DOUBTFUL] ?? 0;
  const excused = mayDoubt ? doubtful : 0;
  return {
    id: load.id,
    title: load.title,
    original: load.original,
    online,
    test,
    missing,
    doubled,
    doubtful,
    leftOut,
    seconds: played.seconds,
    rate: played.requests / played.seconds,
    lag_ms,
    exact: missing <= excused && doubled === 0 && faults.length === 0,
    notes: [
      ...faults,
      ...notes,
      ...examplesMissing.map((example) => `missing: ${example}`),
      ...examplesDoubled.map((example) => `doubled: ${example}`),
    ],
    counters,
  };
}

/** Of a load that was played several times, in the order of its turns. */
export function together(rows: readonly [Row, ...Row[]]): Row {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const [seconds, online] = [sum((row) => row.seconds), sum((row) => row.online)];
  return {
    ...rows.at(-1)!,
    online,
    test: sum(({ test }) => test),
    missing: sum(({ missing }) => missing),
    doubled: sum(({ doubled }) => doubled),
    doubtful: sum(({ doubtful }) => doubtful),
    leftOut: sum(({ leftOut }) => leftOut),
    seconds,
    rate: online / seconds,
    lag_ms: Math.max(...rows.map(({ lag_ms }) => lag_ms)),
    exact: rows.every(({ exact }) => exact),
    notes: rows.flatMap(({ notes }) => notes),
    counters: rows.map(({ counters }) => counters).reduce(added),
  };
}

function added(one: Row['counters'], other: Row['counters']): Row['counters'] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

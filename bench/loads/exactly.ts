/** Measures a load that must arrive whole: each request once, in its place, with its bytes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { settle } from '../../lab/verify/collect/settle';
import { compare, type Book } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { RedisBook } from '../records/redis-book';
import { countersOf, type Stage } from '../stage/stage';
import type { Play } from '../tools/play';
import type { Load } from './load';
import { rowOf, type Row } from './row';

/** What the online server writes down after its last answer. */
const ONLINE_LINGER_MS = 200;
/** What comes late is looked for so long: a second delivery, above all. */
const TEST_LINGER_MS = 500;
/** Who is that late has missed what is promised, by far; the rest is not waited for. */
const BEHIND_GIVEN_UP_MS = 20_000;

type Described = Omit<Load, 'measure'>;

/** What is demanded of a load, beside that every request arrives once. */
export interface Rules {
  /** How requests are told from each other; by everything that the servers write down, when it is not said. */
  readonly open?: (stage: Stage, tag: string) => Promise<Book>;
  /** How long the test server may go on behind the client's end. */
  readonly behindMax_ms?: number;
  /** What is missing is excused as far as tcpcopy has counted it as doubtful. */
  readonly mayDoubt?: boolean;
  /** Sentences on what else is wrong. */
  readonly faults?: (stage: Stage) => Promise<readonly string[]>;
}

/** Played loads have tags of their own, so that what comes late from one is not counted for the next. */
let turn = 0;

export const tagFor = ({ id }: Described): string => `bench/${id}/${(turn += 1)}`;

export function exactly(load: Described, play: Play): Load {
  return { ...load, measure: (stage) => measureExactly(load, stage, play) };
}

export async function measureExactly(
  load: Described,
  stage: Stage,
  play: Play,
  rules: Rules = {},
): Promise<Row> {
  const tag = tagFor(load);
  const open = rules.open ?? ((): Promise<Book> => bookFor(load, stage, tag));
  const book = await open(stage, tag);
  const before = await countersOf(stage);
  const played = await play(stage, tag);
  const lag_ms = await settled(stage, book, rules.behindMax_ms === undefined ? Infinity : BEHIND_GIVEN_UP_MS);
  const difference = compare(await book.deliveries());
  const disordered = (await book.disorder?.()) ?? [];
  const counters = growthOf(before, await countersOf(stage));
  const faults = [
    ...shortfall(difference.online, played.requests),
    ...lateness(lag_ms, rules.behindMax_ms),
    ...(disordered.length > 0
      ? [`${disordered.length} requests out of order, such as ${disordered[0]}`]
      : []),
    ...((await rules.faults?.(stage)) ?? []),
  ];
  return rowOf(load, { difference, mayDoubt: rules.mayDoubt ?? false, played, lag_ms, faults, counters });
}

const bookFor = ({ labKind }: Described, stage: Stage, tag: string): Promise<Book> =>
  labKind === 'redis' ? RedisBook.open(stage) : NginxBook.open(stage, tag);

const shortfall = (online: number, requests: number): string[] =>
  online < requests ? [`the online server has a record of ${online} of ${requests} requests`] : [];

function lateness(lag_ms: number, max_ms: number | undefined): string[] {
  if (max_ms === undefined || lag_ms <= max_ms) return [];
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return [`the test server was ${seconds(lag_ms)} s behind, and ${seconds(max_ms)} s are promised`];
}

/**
 * @param within_ms what comes later is not waited for
 * @returns how long the test server took to have all, from now; when it never had, how long it went on
 */
export async function settled(
  { signal, patience_ms }: Stage,
  book: Pick<Book, 'counts'>,
  within_ms = Infinity,
): Promise<number> {
  const began_ms = performance.now();
  await sleep(ONLINE_LINGER_MS, undefined, { signal });
  const { online } = await book.counts();
  let [reached, progressAt_ms] = [0, began_ms];
  const count = async (): Promise<number> => {
    const { test } = await book.counts();
    const now_ms = performance.now();
    if (test > reached) [reached, progressAt_ms] = [test, now_ms];
    // Whoever waits for so many, waits no longer.
    return now_ms - began_ms > within_ms ? online : test;
  };
  await settle(count, online, { patience_ms, linger_ms: TEST_LINGER_MS }, signal);
  return Math.round(progressAt_ms - began_ms);
}

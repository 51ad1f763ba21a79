/** Measures a load that must arrive whole: each request once, in its place, with its bytes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { growthOf } from '../../lab/verify/evidence/copy-state';
import { collectCounters } from '../../lab/verify/collect/state';
import { settle } from '../../lab/verify/collect/settle';
import { compare, type Book } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { RedisBook } from '../records/redis-book';
import type { Stage } from '../stage/stage';
import type { Play } from '../tools/play';
import type { Load } from './load';
import { rowOf, type Row } from './row';

/** What the online server writes down after its last answer. */
const ONLINE_LINGER_MS = 200;
/** What comes late is looked for so long: a second delivery, above all. */
const TEST_LINGER_MS = 500;

type Described = Omit<Load, 'measure'>;

/** Played loads have tags of their own, so that what comes late from one is not counted for the next. */
let turn = 0;

export const tagFor = ({ id }: Described): string => `bench/${id}/${(turn += 1)}`;

export function exactly(load: Described, play: Play): Load {
  return { ...load, measure: (stage) => measureExactly(load, stage, play) };
}

export async function measureExactly(load: Described, stage: Stage, play: Play): Promise<Row> {
  const tag = tagFor(load);
  const book = load.labKind === 'redis' ? await RedisBook.open(stage) : await NginxBook.open(stage, tag);
  const before = await collectCounters(stage.online, 'tcpcopy');
  const played = await play(stage, tag);
  const lag_ms = await settled(stage, book);
  const difference = compare(await book.deliveries());
  const after = await collectCounters(stage.online, 'tcpcopy');
  const { requests } = played;
  const { online } = difference;
  const faults =
    online < requests ? [`the online server has a record of ${online} of ${requests} requests`] : [];
  return rowOf(load, { difference, played, lag_ms, faults, counters: growthOf(before, after) });
}

/** @returns how long the test server took to have all, from now; the time it was given when it never had */
export async function settled({ signal, patience_ms }: Stage, book: Book): Promise<number> {
  const began_ms = performance.now();
  await sleep(ONLINE_LINGER_MS, undefined, { signal });
  const { online } = await book.counts();
  let caughtUpAt_ms: number | undefined;
  const count = async (): Promise<number> => {
    const { test } = await book.counts();
    if (test >= online) caughtUpAt_ms ??= performance.now();
    return test;
  };
  await settle(count, online, { patience_ms, linger_ms: TEST_LINGER_MS }, signal);
  return Math.round((caughtUpAt_ms ?? performance.now()) - began_ms);
}

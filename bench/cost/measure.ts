/** One load under one candidate, once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { settle } from '../../lab/verify/collect/settle';
import type { Latency } from '../figures/latency';
import { compare } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { RedisBook } from '../records/redis-book';
import type { Stage } from '../stage/stage';
import type { Candidate } from '../candidates/candidates';
import { nodesOf } from '../candidates/start-copy';
import type { CostLoad } from './loads';
import { growthOf, usagesOf, type Usage } from '../candidates/usage';

export interface Sample {
  readonly load: string;
  /** `none` is the load without any copy. */
  readonly candidate: string;
  readonly seconds: number;
  /** Requests that the online server got. */
  readonly online: number;
  readonly latency: Latency | undefined;
  /** Undefined without a copy. */
  readonly copy: CopySample | undefined;
}

export interface CopySample {
  /** Requests that the test server got. */
  readonly test: number;
  readonly missing: number;
  readonly doubled: number;
  readonly tcpcopy: Usage;
  readonly intercept: Usage;
}

/** What the online server writes down after its last answer. */
const ONLINE_LINGER_MS = 200;
/** What the original has not sent by then does not come any more, or with its time-outs, minutes later. */
const PATIENCE_MS = 3_000;
const TEST_LINGER_MS = 300;

let turn = 0;
const tagFor = ({ id }: CostLoad): string => `bench/cost/${id}/${(turn += 1)}`;

export async function measureWithout(stage: Stage, load: CostLoad): Promise<Sample> {
  const { requests, seconds, latency } = await load.play(stage, tagFor(load));
  return { load: load.id, candidate: 'none', seconds, online: requests, latency, copy: undefined };
}

export async function measureWith(stage: Stage, load: CostLoad, candidate: Candidate): Promise<Sample> {
  const { signal } = stage;
  const tag = tagFor(load);
  const book = load.kind === 'redis' ? await RedisBook.open(stage) : await NginxBook.open(stage, tag);
  const nodes = nodesOf(stage.lab, candidate);
  const before = await usagesOf(nodes);
  const { seconds, latency } = await load.play(stage, tag);
  await sleep(ONLINE_LINGER_MS, undefined, { signal });
  // The waiting for what never comes costs something, too, but is no part of the load.
  let after = await usagesOf(nodes);
  let reached = 0;
  const count = async (): Promise<number> => {
    const { test } = await book.counts();
    if (test > reached) after = await usagesOf(nodes);
    return (reached = test);
  };
  const { online: expected } = await book.counts();
  await settle(count, expected, { patience_ms: PATIENCE_MS, linger_ms: TEST_LINGER_MS }, signal);
  const { online, test, missing, doubled } = compare(await book.deliveries());
  const tcpcopy = growthOf(before[0], after[0]);
  const intercept = growthOf(before[1], after[1]);
  return {
    load: load.id,
    candidate: candidate.id,
    seconds,
    online,
    latency,
    copy: { test, missing, doubled, tcpcopy, intercept },
  };
}

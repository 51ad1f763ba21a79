/** One load under one candidate, once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { settle } from '../../lab/verify/collect/settle';
import type { Candidate } from '../candidates/candidates';
import { nodesOf } from '../candidates/start-copy';
import type { CostKind } from '../candidates/topology';
import { growthOf, usagesOf, type Usage } from '../candidates/usage';
import type { Latency } from '../figures/latency';
import { compare } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import { RedisBook } from '../records/redis-book';
import { awaitAllCopied, type Stage } from '../stage/stage';
import type { CostLoad } from './loads';

export interface Sample {
  readonly load: string;
  readonly round: number;
  /** `none` is the load without any copy. */
  readonly candidate: string;
  readonly seconds: number;
  /** Requests that the online server got. */
  readonly online: number;
  readonly latency: Latency | undefined;
  /** CPU time of all links of the lab, which bring packets to bridge and servers; undefined where senders do that. */
  readonly delivery_us: number | undefined;
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
export const tagFor = ({ id }: Pick<CostLoad, 'id'>): string => `bench/cost/${id}/${(turn += 1)}`;

const grown = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before;

/** Everything of a sample but when it was taken. */
type Unplaced = Omit<Sample, 'round'>;

export async function measureWithout(stage: Stage, load: CostLoad): Promise<Unplaced> {
  const before_us = await stage.delivery?.used_us();
  const { requests, seconds, latency } = await load.play(stage, tagFor(load));
  const delivery_us = grown(before_us, await stage.delivery?.used_us());
  return {
    load: load.id,
    candidate: 'none',
    seconds,
    online: requests,
    latency,
    delivery_us,
    copy: undefined,
  };
}

export async function measureWith(stage: Stage, load: CostLoad, candidate: Candidate): Promise<Unplaced> {
  const tag = tagFor(load);
  if (candidate.flavour === 'ours') await awaitAllCopied(stage);
  const meter = await Meter.open(stage, load.kind, tag, candidate);
  const { seconds, latency } = await load.play(stage, tag);
  return { load: load.id, candidate: candidate.id, seconds, latency, ...(await meter.read()) };
}

/** What a candidate brings over, and what it takes for that. */
export class Meter {
  private constructor(
    private readonly stage: Stage,
    private readonly nodes: ReturnType<typeof nodesOf>,
    private readonly book: NginxBook | RedisBook,
    private readonly before: readonly [Usage, Usage],
    private readonly deliveryBefore_us: number | undefined,
  ) {}

  /** From now on. */
  static async open(stage: Stage, kind: CostKind, tag: string, candidate: Candidate): Promise<Meter> {
    const book = kind === 'redis' ? await RedisBook.open(stage) : await NginxBook.open(stage, tag);
    const nodes = nodesOf(stage, candidate);
    return new Meter(stage, nodes, book, await usagesOf(nodes), await stage.delivery?.used_us());
  }

  /** Waits until the test server has all, or gets no more. */
  async read(): Promise<Pick<Sample, 'online' | 'delivery_us'> & { readonly copy: CopySample }> {
    const { stage, nodes, book, before } = this;
    await sleep(ONLINE_LINGER_MS, undefined, { signal: stage.signal });
    // The waiting for what never comes costs something, too, but is no part of the load.
    let after = await usagesOf(nodes);
    let deliveryAfter_us = await stage.delivery?.used_us();
    let reached = 0;
    const count = async (): Promise<number> => {
      const counts = await book.counts();
      if (counts.test > reached) {
        after = await usagesOf(nodes);
        deliveryAfter_us = await stage.delivery?.used_us();
      }
      return (reached = counts.test);
    };
    const { online: expected } = await book.counts();
    const patience = { patience_ms: PATIENCE_MS, linger_ms: TEST_LINGER_MS };
    await settle(count, expected, patience, stage.signal);
    const { online, test, missing, doubled } = compare(await book.deliveries());
    const tcpcopy = growthOf(before[0], after[0]);
    const intercept = growthOf(before[1], after[1]);
    const delivery_us = grown(this.deliveryBefore_us, deliveryAfter_us);
    return { online, delivery_us, copy: { test, missing, doubled, tcpcopy, intercept } };
  }
}

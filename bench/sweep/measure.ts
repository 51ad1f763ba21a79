/** One point of a dimension under one candidate, once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabNode } from '../../lab/engine/commands/lab';
import { settle } from '../../lab/verify/collect/settle';
import { BenchError } from '../stage/bench-error';
import type { Candidate } from '../candidates/candidates';
import { nodesOf } from '../candidates/start-copy';
import { forgetPeak, growthOf, usagesOf, type Usage } from '../candidates/usage';
import { delaysIn } from '../delay/delays-in';
import { startRecording } from '../delay/record';
import { latencyOf, type Latency } from '../figures/latency';
import { compare, multiplied, type Both, type Deliveries } from '../records/book';
import { NginxBook } from '../records/nginx-book';
import type { Stage } from '../stage/stage';
import type { Point } from './dimensions';
import { playHeld } from './held';

export interface SweepSample {
  /** Id of the dimension. */
  readonly dimension: string;
  /** Title of the point. */
  readonly point: string;
  /** Id of the candidate. */
  readonly candidate: string;
  readonly round: number;
  /** Requests a second that clients really came to. */
  readonly rate: number;
  readonly latency: Latency | undefined;
  /** From a request's arrival to the departure of its copy; undefined where it was not measured. */
  readonly delay: Latency | undefined;
  /** Requests that the test server should have got: those of the online server, times the copies. */
  readonly expected: number;
  readonly missing: number;
  readonly doubled: number;
  /** Requests that the test server got while connections were held open. */
  readonly copied: number;
  /** What that took, in CPU time, and the most that was resident since before the connections were opened. */
  readonly tcpcopy: Usage;
  readonly intercept: Usage;
}

/** What the online server writes down after its last answer. */
const ONLINE_LINGER_MS = 200;
const SETTLE = { patience_ms: 3_000, linger_ms: 200 };
/** A copy that opens thousands of connections may be behind the client. */
const CALM_WITHIN_MS = 10_000;
const CALM_POLL_MS = 200;
/** A program that does less between two looks has caught up. */
const CALM_US = 10_000;

export async function measurePoint(
  stage: Stage,
  tag: string,
  point: Point,
  candidate: Candidate,
): Promise<Omit<SweepSample, 'dimension' | 'point' | 'candidate' | 'round'>> {
  const book = await NginxBook.open(stage, tag);
  const nodes = nodesOf(stage, candidate);
  await Promise.all([forgetPeak(nodes[0], 'tcpcopy'), forgetPeak(nodes[1], 'intercept')]);
  const recorded = point.isTimed && (await startRecording(stage));
  let before = { test: 0, usages: await usagesOf(nodes) };
  let after = before;
  const { requests, latency } = await playHeld(stage, tag, point, {
    opened: async () => {
      await calm(stage, nodes);
      before = { test: (await book.counts()).test, usages: await usagesOf(nodes) };
      after = before;
    },
    answered: async () => {
      await sleep(ONLINE_LINGER_MS, undefined, { signal: stage.signal });
      // The waiting for what never comes costs something, too, but is no part of the load.
      const count = async (): Promise<number> => {
        const { test } = await book.counts();
        if (test > after.test) after = { test, usages: await usagesOf(nodes) };
        return test;
      };
      const { online } = await book.counts();
      await settle(count, online * point.copies, SETTLE, stage.signal);
    },
  });
  const delay = recorded ? latencyOf(delaysIn(await recorded(), stage.scene).samples_ms) : undefined;
  if (after.test === before.test) throw new BenchError('LOAD_FAILED', 'Nothing reached the test server.');
  const { online, missing, doubled } = compare(await expectedAndGot(book, point.copies));
  return {
    rate: (requests * 1000) / point.duration_ms,
    latency,
    delay,
    expected: online,
    missing,
    doubled,
    copied: after.test - before.test,
    tcpcopy: growthOf(before.usages[0], after.usages[0]),
    intercept: growthOf(before.usages[1], after.usages[1]),
  };
}

/** Copies of one connection have ports of their own, so that of several only what they asked for can be compared. */
async function expectedAndGot(book: NginxBook, copies: number): Promise<Both<Deliveries>> {
  if (copies === 1) return book.deliveries();
  const { online, test } = await book.targets();
  return { online: multiplied(online, copies), test };
}

/** Resolves when neither program has much to do any more. */
async function calm({ signal }: Stage, nodes: readonly [LabNode, LabNode]): Promise<void> {
  const deadline_ms = performance.now() + CALM_WITHIN_MS;
  let earlier = await usagesOf(nodes);
  for (let busy = true; busy && performance.now() < deadline_ms;) {
    await sleep(CALM_POLL_MS, undefined, { signal });
    const now = await usagesOf(nodes);
    busy = now.some(({ cpu_us }, index) => cpu_us - earlier[index]!.cpu_us > CALM_US);
    earlier = now;
  }
}

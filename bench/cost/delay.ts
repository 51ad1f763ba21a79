/** What a candidate adds between a request's arrival and the departure of its copy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { delaysIn } from '../delay/delays-in';
import { startRecording } from '../delay/record';
import { askClient } from '../tools/ask-client';
import { latencyOf } from '../figures/latency';
import type { Candidate } from '../candidates/candidates';
import { coreTimes, idleShare } from '../candidates/idle';
import { awaitAllCopied, type Stage } from '../stage/stage';

export interface DelaySample {
  readonly candidate: string;
  readonly median_ms: number;
  readonly p99_ms: number;
  /** Share of all cores that nobody used meanwhile: promptness is promised while one is free. */
  readonly idle: number;
  /** Segments of clients without a copy. */
  readonly uncopied: number;
}

const TASK = { kind: 'paced', connections: 50, rate: 5_000, duration_ms: 3_000 } as const;
const TIMEOUT_MS = 60_000;
/** Copies of the last requests are still on their way. */
const LINGER_MS = 500;

export async function measureDelay(stage: Stage, { id, flavour }: Candidate): Promise<DelaySample> {
  if (flavour === 'ours') await awaitAllCopied(stage);
  const stop = await startRecording(stage);
  const before = await coreTimes(stage.client);
  await askClient(stage, 'bench/cost/delay', TASK, TIMEOUT_MS);
  const idle = idleShare(before, await coreTimes(stage.client));
  await sleep(LINGER_MS, undefined, { signal: stage.signal });
  const { samples_ms, uncopied } = delaysIn(await stop(), stage.scene);
  return { candidate: id, uncopied, idle, ...latencyOf(samples_ms) };
}

/** A turn: one candidate, started anew and warmed up, under all loads; or the same loads without any copy. */
import { reasonOf } from '../../lab/engine/docker/errors';
import type { Candidate } from '../candidates/candidates';
import { startCopy } from '../candidates/start-copy';
import type { CostKind } from '../candidates/topology';
import type { Stage } from '../stage/stage';
import { measureDelay, type DelaySample } from './delay';
import { warmLoads, type CostLoad } from './loads';
import { measureWith, measureWithout, type Sample } from './measure';
import { measureCalls, type CallSample } from './system-calls';

export interface Turn {
  readonly kind: CostKind;
  readonly loads: readonly CostLoad[];
  readonly round: number;
  readonly countsCalls: boolean;
}

/** A load that came to no figures, such as one that a program did not survive. */
export interface LoadFailure {
  readonly load: string;
  readonly candidate: string;
  readonly reason: string;
}

/** What turns add to. */
export interface Measured {
  readonly samples: Sample[];
  readonly failures: LoadFailure[];
  readonly delays: DelaySample[];
  readonly calls: CallSample[];
}

export async function playAlone(
  stage: Stage,
  { kind, loads, round }: Turn,
  { samples }: Measured,
): Promise<void> {
  for (const load of warmLoads[kind]) await measureWithout(stage, load);
  for (const load of loads) samples.push({ ...(await measureWithout(stage, load)), round });
}

export async function playCopied(
  stage: Stage,
  candidate: Candidate,
  { kind, loads, round, countsCalls }: Turn,
  { samples, failures, delays, calls }: Measured,
): Promise<void> {
  const { id } = candidate;
  const begin = async (): Promise<() => Promise<void>> => {
    const end = await startCopy(stage, candidate);
    try {
      // Measured, and so waited for, lest what comes late is taken for the next load's.
      for (const load of warmLoads[kind]) await measureWith(stage, load, candidate);
      return end;
    } catch (failure) {
      await end();
      throw failure;
    }
  };
  let stop = await begin();
  const attempt = async (load: string, measure: () => Promise<unknown>): Promise<void> => {
    try {
      await measure();
    } catch (failure) {
      stage.signal.throwIfAborted();
      failures.push({ load, candidate: id, reason: reasonOf(failure) });
      await stop();
      stop = await begin();
    }
  };
  try {
    for (const load of loads) {
      await attempt(load.id, async () =>
        samples.push({ ...(await measureWith(stage, load, candidate)), round }),
      );
    }
    if (kind === 'http')
      await attempt('delay', async () => delays.push(await measureDelay(stage, candidate)));
    if (countsCalls)
      await attempt('calls', async () => calls.push(...(await measureCalls(stage, candidate))));
  } finally {
    await stop();
  }
}

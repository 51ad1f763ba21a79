/** What a copy costs: ours and the original in the same lab, alternately, under the same loads. */
import { told } from '../../lab/cli/terminal/output';
import { reasonOf } from '../../lab/engine/docker/errors';
import { BenchError } from '../stage/bench-error';
import { installClientProgram } from '../tools/ask-client';
import { withOwnLab } from '../stage/own-lab';
import { prepareNginx } from '../servers/nginx';
import { stageOf, type Stage } from '../stage/stage';
import { candidatesFor, type Candidate } from '../candidates/candidates';
import { installPrograms, startCopy } from '../candidates/start-copy';
import { measureDelay, type DelaySample } from './delay';
import { costLoads, warmLoads, type CostLoad } from './loads';
import { measureWith, measureWithout, type Sample } from './measure';
import { measureOffline, OFFLINE } from './offline';
import { canCountCalls, measureCalls, type CallSample } from './system-calls';
import { costTopologies, type CostKind } from '../candidates/topology';

export interface CostOptions {
  /** Ids of loads; all when there are none. */
  readonly only: readonly string[];
  /** Ids of candidates; all when there are none. */
  readonly candidates: readonly string[];
  /** With the original's programs, in 0.9/ and 1.x/. */
  readonly peer: string | undefined;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

export interface CostResult {
  readonly loads: readonly Pick<CostLoad, 'id' | 'title' | 'shape'>[];
  readonly candidates: readonly Pick<Candidate, 'id' | 'flavour'>[];
  readonly rounds: number;
  readonly samples: readonly Sample[];
  readonly delays: readonly DelaySample[];
  readonly failures: readonly LoadFailure[];
  /** Of the first round; none where perf cannot count them. */
  readonly calls: readonly CallSample[];
}

/** A load that came to no figures, such as one that a program did not survive. */
export interface LoadFailure {
  readonly load: string;
  readonly candidate: string;
  readonly reason: string;
}

interface Measured {
  readonly samples: Sample[];
  readonly failures: LoadFailure[];
  readonly delays: DelaySample[];
  readonly calls: CallSample[];
}

export async function cost(options: CostOptions): Promise<CostResult> {
  const { only, rounds, signal } = options;
  const loads = loadsFor(only);
  const candidates = await candidatesFor(options.peer, options.candidates);
  const measured: Measured = { samples: [], failures: [], delays: [], calls: [] };
  for (const kind of ['http', 'redis'] as const) {
    const own = loads.filter((load) => load.kind === kind);
    if (own.length > 0) await measureKind(kind, own, candidates, options, measured);
  }
  // One of ours is enough: what they differ in is how live traffic comes in.
  const player = candidates.findLast(({ flavour }) => flavour === 'ours')?.id;
  const plays = player !== undefined && (only.length === 0 || only.includes(OFFLINE.id));
  if (plays) {
    measured.samples.push(...(await measureOffline({ progress: told, signal }, rounds, player)));
  }
  return {
    loads: [...loads.map(({ id, title, shape }) => ({ id, title, shape })), ...(plays ? [OFFLINE] : [])],
    candidates: candidates.map(({ id, flavour }) => ({ id, flavour })),
    rounds,
    ...measured,
  };
}

function loadsFor(only: readonly string[]): readonly CostLoad[] {
  const known = [...costLoads.map(({ id }) => id), OFFLINE.id];
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new BenchError(
      'USAGE',
      `There is no load named ${unknown.join(' or ')}.`,
      `There are: ${known.join(', ')}.`,
    );
  }
  return only.length === 0 ? costLoads : costLoads.filter(({ id }) => only.includes(id));
}

async function measureKind(
  kind: CostKind,
  loads: readonly CostLoad[],
  candidates: readonly Candidate[],
  { rounds, signal }: CostOptions,
  measured: Measured,
): Promise<void> {
  const countsCalls = kind === 'http' && (await canCountCalls());
  const own = {
    name: `bench-cost-${kind}`,
    topology: costTopologies[kind],
    bare: true,
    progress: told,
    signal,
  };
  await withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await Promise.all([...(kind === 'http' ? [prepareNginx(stage)] : []), installClientProgram(stage)]);
    for (const candidate of candidates) await installPrograms(stage, candidate);
    for (let round = 0; round < rounds; round += 1) {
      // Each is first in its turn, as the machine's pace changes all the time.
      const shift = round % (candidates.length + 1);
      const order = [undefined, ...candidates];
      for (const candidate of [...order.slice(shift), ...order.slice(0, shift)]) {
        const title = `${kind}, round ${round + 1}: ${candidate?.id ?? 'without a copy'}`;
        const work = candidate
          ? () => measureCopy(stage, kind, loads, candidate, countsCalls && round === 0, measured)
          : () => measureAlone(stage, kind, loads, measured);
        try {
          await told.step(title, work);
        } catch (failure) {
          if (!candidate || signal.aborted) throw failure;
          measured.failures.push({
            load: `${kind}, start`,
            candidate: candidate.id,
            reason: reasonOf(failure),
          });
        }
      }
    }
  });
}

async function measureAlone(
  stage: Stage,
  kind: CostKind,
  loads: readonly CostLoad[],
  { samples }: Measured,
): Promise<void> {
  for (const load of warmLoads[kind]) await measureWithout(stage, load);
  for (const load of loads) samples.push(await measureWithout(stage, load));
}

async function measureCopy(
  stage: Stage,
  kind: CostKind,
  loads: readonly CostLoad[],
  candidate: Candidate,
  countsCalls: boolean,
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
      await attempt(load.id, async () => samples.push(await measureWith(stage, load, candidate)));
    }
    if (kind === 'http') await attempt('delay', async () => delays.push(await measureDelay(stage, id)));
    if (countsCalls)
      await attempt('calls', async () => calls.push(...(await measureCalls(stage, candidate))));
  } finally {
    await stop();
  }
}

/**
 * Ours and an earlier build of it at the same time in one lab, each with servers of its own. Short slices of a load come
 * in turn, so that both have them from the same machine at the same pace; who is not asked anything takes next to nothing.
 */
import { told } from '../../lab/cli/terminal/output';
import { reasonOf } from '../../lab/engine/docker/errors';
import type { Candidate } from '../candidates/candidates';
import { installPrograms, startCopy } from '../candidates/start-copy';
import { twinTopologies, type CostKind } from '../candidates/topology';
import { prepareNginx } from '../servers/nginx';
import { withOwnLab } from '../stage/own-lab';
import { awaitAllCopied, stageOf, type Stage } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { installClientProgram } from '../tools/ask-client';
import { warmLoads, type SlicedLoad } from './loads';
import { measureWith, Meter, tagFor, type Sample } from './measure';
import type { Measured } from './turn';

/** Of each of the two, in a pair; an even number, so that it is as often the first as the other. */
const SLICES = 16;
/** Programs are started anew for so many pairs: no two starts of a program are alike in all. */
const PAIRS_A_START = 4;

export interface Contest {
  readonly kind: CostKind;
  readonly loads: readonly SlicedLoad[];
  readonly candidates: readonly [ours: Candidate, before: Candidate];
  /** Pairs of each load. */
  readonly rounds: number;
  readonly signal: AbortSignal;
}

interface Contestant {
  readonly stage: Stage;
  readonly candidate: Candidate;
}

type Contestants = readonly [Contestant, Contestant];

export async function playPairs(contest: Contest, measured: Measured): Promise<void> {
  const { kind, candidates, rounds, signal } = contest;
  const own = {
    name: `bench-twins-${kind}`,
    topology: twinTopologies[kind],
    bare: true,
    progress: told,
    signal,
  };
  await withOwnLab(own, async (lab) => {
    const onlines = lab.topology.copies.map(({ from }) => from);
    const stages = await Promise.all(onlines.map((from) => stageOf(lab, signal, { from })));
    for (const stage of stages) {
      if (kind === 'http') await prepareNginx(stage);
      for (const candidate of candidates) await installPrograms(stage, candidate);
    }
    await installClientProgram(stages[0]!);
    for (let first = 0; first < rounds; first += PAIRS_A_START) {
      // No server is always the same one's.
      const placed = inTurn(stages, first / PAIRS_A_START);
      const contestants = candidates.map((candidate, index) => ({ candidate, stage: placed[index]! }));
      const last = Math.min(first + PAIRS_A_START, rounds);
      await told.step(`${kind}, pairs ${first + 1} to ${last}`, () =>
        playStart(contest, contestants as unknown as Contestants, first, measured),
      );
    }
  });
}

/** A start that fails costs its pairs. */
async function playStart(
  { kind, loads, rounds, signal }: Contest,
  contestants: Contestants,
  first: number,
  { samples, failures }: Measured,
): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  try {
    for (const { stage, candidate } of contestants) {
      stops.push(await startCopy(stage, candidate));
      for (const load of warmLoads[kind]) await measureWith(stage, load, candidate);
    }
    for (let round = first; round < Math.min(first + PAIRS_A_START, rounds); round += 1) {
      for (const load of loads) samples.push(...(await measurePair(contestants, load, round)));
    }
  } catch (failure) {
    signal.throwIfAborted();
    failures.push({
      load: `${kind}, pairs`,
      candidate: contestants[0].candidate.id,
      reason: reasonOf(failure),
    });
  } finally {
    for (const stop of stops) await stop();
  }
}

async function measurePair(contestants: Contestants, load: SlicedLoad, round: number): Promise<Sample[]> {
  const tag = tagFor(load);
  await Promise.all(contestants.map(({ stage }) => awaitAllCopied(stage)));
  const meters = await Promise.all(
    contestants.map(({ stage, candidate }) => Meter.open(stage, load.kind, tag, candidate)),
  );
  const seconds = contestants.map(() => 0);
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const index of inTurn([0, 1] as const, slice + round)) {
      const played = await load.slice(contestants[index].stage, tag);
      seconds[index]! += played.seconds;
    }
  }
  return Promise.all(
    contestants.map(async ({ candidate }, index) => ({
      load: load.id,
      round,
      candidate: candidate.id,
      seconds: seconds[index]!,
      latency: undefined,
      ...(await meters[index]!.read()),
    })),
  );
}

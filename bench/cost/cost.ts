/** What a copy costs: ours beside the original, or beside an earlier build of ours, under the same loads. */
import { told } from '../../lab/cli/terminal/output';
import { BEFORE, candidatesFor, DEFAULT_BACKEND, type Candidate, type Named } from '../candidates/candidates';
import type { BenchOptions } from '../candidates/options';
import type { CostKind } from '../candidates/topology';
import { BenchError } from '../stage/bench-error';
import type { DelaySample } from './delay';
import { costLoads, isSliced, type CostLoad } from './loads';
import type { Sample } from './measure';
import { measureOffline, OFFLINE } from './offline';
import { playPairs } from './pairs';
import { playRounds } from './rounds';
import type { CallSample } from './system-calls';
import type { LoadFailure, Measured } from './turn';

/** A load as tables and promises tell of it. */
export type LoadName = Pick<CostLoad, 'id' | 'title' | 'shape'>;

export interface CostResult {
  readonly loads: readonly LoadName[];
  readonly candidates: readonly Named[];
  readonly rounds: number;
  readonly samples: readonly Sample[];
  readonly delays: readonly DelaySample[];
  readonly failures: readonly LoadFailure[];
  /** Of the first round; none where perf cannot count them. */
  readonly calls: readonly CallSample[];
}

export async function cost(options: BenchOptions): Promise<CostResult> {
  const { builds, rounds } = options;
  const measured: Measured = { samples: [], failures: [], delays: [], calls: [] };
  const compare = builds.before === undefined ? compareInRounds : compareInPairs;
  return { ...(await compare(options, measured)), rounds, ...measured };
}

type Compared = Pick<CostResult, 'loads' | 'candidates'>;

async function compareInRounds(options: BenchOptions, measured: Measured): Promise<Compared> {
  const { only, builds, rounds, signal } = options;
  const loads = loadsFor(only, [...costLoads, OFFLINE]);
  const candidates = await candidatesFor(builds, options.candidates);
  for (const [kind, own] of byKind(costLoads.filter((load) => loads.includes(load)))) {
    await playRounds(kind, own, candidates, options, measured);
  }
  // One of ours is enough: what they differ in is how live traffic comes in.
  const player = candidates.findLast(({ origin }) => origin === 'ours')?.id;
  const plays = player !== undefined && loads.includes(OFFLINE);
  if (plays) {
    measured.samples.push(...(await measureOffline({ progress: told, signal }, rounds, player)));
  }
  return {
    loads: loads.filter((load) => load !== OFFLINE || plays).map(named),
    candidates: candidates.map(({ id, origin }) => ({ id, origin })),
  };
}

async function compareInPairs(options: BenchOptions, measured: Measured): Promise<Compared> {
  const { only, builds, rounds, signal } = options;
  const loads = loadsFor(only, costLoads.filter(isSliced));
  const asked = options.candidates.filter((id) => id !== BEFORE);
  const candidates = await candidatesFor(builds, [...(asked.length > 0 ? asked : [DEFAULT_BACKEND]), BEFORE]);
  if (candidates.length !== 2 || candidates[0]!.origin !== 'ours') {
    throw new BenchError(
      'USAGE',
      'An earlier build (BEFORE) is compared with one backend of ours, and with nothing else.',
      'Name one: --candidates packages.',
    );
  }
  const pair = candidates as [Candidate, Candidate];
  for (const [kind, own] of byKind(loads)) {
    await playPairs({ kind, loads: own, candidates: pair, rounds, signal }, measured);
  }
  return { loads: loads.map(named), candidates: candidates.map(({ id, origin }) => ({ id, origin })) };
}

/** Those of `only`, or all; in the order of all. */
function loadsFor<Load extends LoadName>(only: readonly string[], all: readonly Load[]): readonly Load[] {
  const known = all.map(({ id }) => id);
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length === 0) return only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
  throw new BenchError(
    'USAGE',
    `There is no load named ${unknown.join(' or ')}.`,
    `There are: ${known.join(', ')}.`,
  );
}

const named = ({ id, title, shape }: LoadName): LoadName => ({ id, title, shape });

function byKind<Load extends CostLoad>(loads: readonly Load[]): (readonly [CostKind, readonly Load[]])[] {
  const kinds = (['http', 'redis'] as const).map(
    (kind) => [kind, loads.filter((load) => load.kind === kind)] as const,
  );
  return kinds.filter(([, own]) => own.length > 0);
}

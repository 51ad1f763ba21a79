/** What a copy costs: ours and the original in the same lab, alternately, under the same loads. */
import { told } from '../../lab/cli/output';
import { BenchError } from '../bench-error';
import { installClientProgram } from '../loads/client-program';
import { withOwnLab } from '../own-lab';
import { prepareNginx } from '../records/nginx-book';
import { stageOf, type Stage } from '../stage';
import { candidatesFor, type Candidate } from './candidates';
import { installPrograms, startCopy } from './copy';
import { costLoads, warmUp, type CostLoad } from './loads';
import { measureWith, measureWithout, type Sample } from './measure';
import topology from './topology';

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
  readonly loads: readonly { readonly id: string; readonly title: string }[];
  readonly candidates: readonly string[];
  readonly rounds: number;
  readonly samples: readonly Sample[];
}

export async function cost(options: CostOptions): Promise<CostResult> {
  const { rounds, signal } = options;
  const loads = loadsFor(options.only);
  const candidates = await candidatesFor(options.peer, options.candidates);
  const own = { name: 'bench-cost', topology, bare: true, progress: told, signal };
  const samples = await withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal);
    await Promise.all([prepareNginx(stage), installClientProgram(stage)]);
    for (const candidate of candidates) await installPrograms(stage, candidate);
    const all: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Each is first in its turn, as the machine's pace changes all the time.
      const shift = round % (candidates.length + 1);
      const order = [undefined, ...candidates];
      for (const candidate of [...order.slice(shift), ...order.slice(0, shift)]) {
        const title = `round ${round + 1}: ${candidate?.id ?? 'without a copy'}`;
        all.push(...(await told.step(title, () => measureAll(stage, loads, candidate))));
      }
    }
    return all;
  });
  return {
    loads: loads.map(({ id, title }) => ({ id, title })),
    candidates: candidates.map(({ id }) => id),
    rounds,
    samples,
  };
}

function loadsFor(only: readonly string[]): readonly CostLoad[] {
  const unknown = only.filter((id) => !costLoads.some((load) => load.id === id));
  if (unknown.length > 0) {
    const known = costLoads.map(({ id }) => id).join(', ');
    throw new BenchError('USAGE', `There is no load named ${unknown.join(' or ')}.`, `There are: ${known}.`);
  }
  return only.length === 0 ? costLoads : costLoads.filter(({ id }) => only.includes(id));
}

async function measureAll(
  stage: Stage,
  loads: readonly CostLoad[],
  candidate: Candidate | undefined,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  if (!candidate) {
    await warmUp(stage);
    for (const load of loads) samples.push(await measureWithout(stage, load));
    return samples;
  }
  const stop = await startCopy(stage, candidate);
  try {
    await warmUp(stage);
    for (const load of loads) samples.push(await measureWith(stage, load, candidate));
  } finally {
    await stop();
  }
  return samples;
}

/**
 * How the cost of a copy grows: ours, and the original where there is one, in the same lab, while one thing after the
 * other is varied.
 */
import { told } from '../../lab/cli/terminal/output';
import { reasonOf } from '../../lab/engine/docker/errors';
import { candidatesFor, type Candidate, type Named } from '../candidates/candidates';
import type { BenchOptions } from '../candidates/options';
import { installPrograms, startCopy } from '../candidates/start-copy';
import { costTopologies } from '../candidates/topology';
import { prepareNginx } from '../servers/nginx';
import { deliverApart } from '../stage/delivery';
import { withOwnLab } from '../stage/own-lab';
import { stageOf, type Stage } from '../stage/stage';
import { inTurn } from '../stage/turns';
import { askClient, installClientProgram } from '../tools/ask-client';
import { prepareFiles } from './bytes-files';
import { dimensionsFor, type Dimension, type Point } from './dimensions';
import { measurePoint, type SweepSample } from './measure';

export interface SweepResult {
  readonly dimensions: readonly Dimension[];
  readonly candidates: readonly Named[];
  readonly rounds: number;
  readonly samples: readonly SweepSample[];
  readonly failures: readonly PointFailure[];
}

/** A point that came to no figures, such as one that a program did not survive. */
export interface PointFailure {
  readonly dimension: string;
  readonly point: string;
  readonly candidate: string;
  readonly reason: string;
}

interface Measured {
  readonly samples: SweepSample[];
  readonly failures: PointFailure[];
}

/** What is left out where nobody asks for it: how the backends differ, `cost` tells. */
const NOT_UNASKED = 'packages';
/** The first seconds of a program's life are spent on compiling it. As many copies for each `-n`. */
const WARM_COPIES = 10_000;
const WARM = { kind: 'paced', connections: 10, duration_ms: 3_000 } as const;
const WARM_TIMEOUT_MS = 60_000;
/** What the client comes to. */
const WARM_RATE_MAX = 5_000;

export async function sweep(options: BenchOptions): Promise<SweepResult> {
  const { only, rounds, signal } = options;
  const dimensions = dimensionsFor(only);
  const known = await candidatesFor(options.builds, options.candidates);
  const candidates = options.candidates.length > 0 ? known : known.filter(({ id }) => id !== NOT_UNASKED);
  const measured: Measured = { samples: [], failures: [] };
  const own = { name: 'bench-sweep', topology: costTopologies.http, bare: true, progress: told, signal };
  await withOwnLab(own, async (lab) => {
    const stage = await stageOf(lab, signal, { delivery: await deliverApart(lab) });
    await Promise.all([prepareNginx(stage), prepareFiles(stage), installClientProgram(stage)]);
    for (const candidate of candidates) await installPrograms(stage, candidate);
    for (let round = 0; round < rounds; round += 1) {
      for (const candidate of inTurn(candidates, round)) {
        await told.step(`round ${round + 1}: ${candidate.id}`, () =>
          new Turn(stage, candidate, round, measured).play(dimensions),
        );
      }
    }
  });
  return {
    dimensions,
    candidates: candidates.map(({ id, origin }) => ({ id, origin })),
    rounds,
    ...measured,
  };
}

/** So that each start serves as many points as it can. */
const inOrder = (dimensions: readonly Dimension[]): (readonly [Dimension, Point])[] =>
  dimensions
    .flatMap((dimension) => dimension.points.map((point) => [dimension, point] as const))
    .toSorted(([, one], [, other]) => one.copies - other.copies || lateness(one) - lateness(other));

const lateness = ({ coalesce_us = -1 }: Point): number => coalesce_us;

/** Options of tcpcopy. */
const furtherFor = ({ copies, coalesce_us }: Point): string[] => [
  ...(copies === 1 ? [] : ['-n', String(copies)]),
  ...(coalesce_us === undefined ? [] : ['--coalesce', String(coalesce_us)]),
];

/** One candidate in one round: started anew, and again for each number of copies. */
class Turn {
  #running: { readonly further: string; readonly stop: () => Promise<void> } | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly candidate: Candidate,
    private readonly round: number,
    private readonly measured: Measured,
  ) {}

  async play(dimensions: readonly Dimension[]): Promise<void> {
    try {
      for (const [dimension, point] of inOrder(dimensions))
        if (point.coalesce_us === undefined || this.candidate.origin === 'ours')
          await this.#measure(dimension, point);
    } finally {
      await this.#stop();
    }
  }

  async #measure({ id: dimension }: Dimension, point: Point): Promise<void> {
    const described = { dimension, point: point.title, candidate: this.candidate.id };
    const tag = `bench/sweep/${this.candidate.id}/${dimension}/${point.title.replaceAll(' ', '')}/${this.round}`;
    try {
      await this.#run(point);
      const found = await measurePoint(this.stage, tag, point, this.candidate);
      this.measured.samples.push({ ...described, round: this.round, ...found });
    } catch (failure) {
      this.stage.signal.throwIfAborted();
      this.measured.failures.push({ ...described, reason: reasonOf(failure) });
      await this.#stop();
    }
  }

  /** A copy with the options that the point needs. */
  async #run(point: Point): Promise<void> {
    const further = furtherFor(point);
    if (this.#running?.further === further.join(' ')) return;
    await this.#stop();
    const stop = await startCopy(this.stage, this.candidate, further);
    this.#running = { further: further.join(' '), stop };
    const rate = Math.min(WARM_RATE_MAX, Math.floor(WARM_COPIES / point.copies));
    await askClient(this.stage, 'bench/sweep-warm', { ...WARM, rate }, WARM_TIMEOUT_MS);
  }

  async #stop(): Promise<void> {
    const stop = this.#running?.stop;
    this.#running = undefined;
    await stop?.();
  }
}

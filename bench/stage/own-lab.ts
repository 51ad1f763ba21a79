/** A lab for one benchmark: nobody else's, and gone when the benchmark is over, however it ends. */
import type { ComponentsChoice } from '../../lab/engine/nodes/components';
import { isGone } from '../../lab/engine/docker/owner';
import { down, downIfThere } from '../../lab/engine/down';
import { findLabs } from '../../lab/engine/labs/find';
import type { RunningLab } from '../../lab/engine/commands/lab';
import type { Progress } from '../../lab/engine/docker/progress';
import { up } from '../../lab/engine/up';
import type { Topology } from '../../lab/topology/types';
import { BenchError } from './bench-error';

export interface OwnLab {
  readonly name: string;
  readonly topology: Topology;
  /** Nodes and servers only. */
  readonly bare?: boolean;
  /** Other programs in the place of ours. */
  readonly components?: ComponentsChoice | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function withOwnLab<T>(own: OwnLab, work: (lab: RunningLab) => Promise<T>): Promise<T> {
  const { name, topology, bare = false, components, progress, signal } = own;
  await removeAbandoned(name, progress);
  const { lab } = await up(topology, {
    name,
    bare,
    anywhere: true,
    ...(components ? { components } : {}),
    progress,
    signal,
  });
  try {
    return await untilAborted(signal, work(lab));
  } finally {
    await downIfThere(name, progress);
  }
}

/** Commands in nodes know nothing of signals; they end with their nodes. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort!);
  }
}

/** What a benchmark that was killed has left would be measured with. */
async function removeAbandoned(name: string, progress: Progress): Promise<void> {
  const earlier = (await findLabs()).find((lab) => lab.name === name);
  if (!earlier) return;
  if (!isGone(earlier.starter)) {
    throw new BenchError(
      'BENCH_RUNS_ALREADY',
      `Lab ${name} belongs to process ${earlier.starter.pid}, which still runs.`,
      'Two benchmarks at once would measure each other: wait for that one.',
    );
  }
  await down(earlier, progress);
}

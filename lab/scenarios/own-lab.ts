/** A bare lab for scenarios: nobody else's, and gone when they are over, however they end. */
import type { ComponentsChoice } from '../engine/nodes/components';
import { downIfThere } from '../engine/down';
import type { RunningLab } from '../engine/commands/lab';
import type { Progress } from '../engine/docker/progress';
import { up } from '../engine/up';
import type { Topology } from '../topology/types';

export interface OwnLab {
  readonly name: string;
  readonly bare: boolean;
  /** Other programs than ours. */
  readonly components?: ComponentsChoice | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function inOwnLab<T>(
  topology: Topology,
  { name, bare, components, progress, signal }: OwnLab,
  work: (lab: RunningLab) => Promise<T>,
): Promise<T> {
  const options = {
    name,
    bare,
    anywhere: true,
    own: true,
    ...(components && { components }),
    progress,
    signal,
  };
  const { lab } = await up(topology, options);
  try {
    return await work(lab);
  } finally {
    await downIfThere(name, progress);
  }
}

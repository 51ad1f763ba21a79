/** Starts a lab, or leaves nothing behind. */
import { planFor } from '../plan/plan';
import type { Topology } from '../topology/types';
import { carryOut } from './carry-out';
import { findLabs } from './find-labs';
import { ensureNodeImage } from './image-ensure';
import type { RunningLab } from './lab';
import type { Progress } from './progress';
import { removeByLabel } from './remove';
import { openLab } from './running-lab';
import { placeTopology } from './place';

export interface UpOptions {
  /** The lab's name; default the topology's. */
  readonly name?: string;
  /** Nodes and servers only. */
  readonly bare?: boolean;
  /** CIDR that the topology's (only) network is moved to. */
  readonly subnet?: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface UpResult {
  readonly lab: RunningLab;
  readonly bare: boolean;
  /** True when the lab was running before, and nothing was changed. */
  readonly alreadyRunning: boolean;
}

/** `topology` must be valid. Rejects with the reason after everything that was started is removed again. */
export async function up(topology: Topology, options: UpOptions): Promise<UpResult> {
  const name = options.name ?? topology.name;
  const labs = await findLabs();
  const existing = labs.find((lab) => lab.name === name);
  if (existing) return { lab: await openLab(name), bare: existing.bare, alreadyRunning: true };

  const { progress, signal } = options;
  const placed = await placeTopology(topology, options.subnet, progress);
  const image = await ensureNodeImage(progress, signal);
  const lab = { name, topology: placed, bare: options.bare ?? false };
  try {
    await carryOut(planFor(placed, { bare: lab.bare }), { lab, image, progress, signal });
  } catch (failure) {
    await progress.step('remove what was started', () => removeByLabel(name));
    throw failure;
  }
  return { lab: await openLab(name), bare: lab.bare, alreadyRunning: false };
}

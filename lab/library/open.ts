/** Labs that run already, whoever started them. */
import { assertEngineAnswers } from '../engine/docker/connection';
import { silent } from '../engine/docker/progress';
import { findLab, findLabs as findAll } from '../engine/labs/find';
import { runningLabFrom } from '../engine/running/running-lab';
import type { Topology } from '../topology/types';
import { labFrom, type Lab } from './lab';

/** A lab of which something is there. */
export interface LabFound {
  readonly name: string;
  /** As it stands, on the subnets that it was given. */
  readonly topology: Topology;
  /** Without the copy. */
  readonly bare: boolean;
}

/** Every lab of which a container or a network is left, running or not; by name. @throws LabError `ENGINE_UNREACHABLE` */
export async function findLabs(): Promise<LabFound[]> {
  await assertEngineAnswers();
  return (await findAll()).map(({ name, topology, bare }) => ({ name, topology, bare }));
}

/**
 * Opens a lab that `startLab` or the command has started; without a name, the only one that runs.
 *
 * @throws LabError `LAB_UNKNOWN`, `LAB_AMBIGUOUS`, or `LAB_INCOMPLETE` when a node of it does not run
 */
export async function openLab(name?: string): Promise<Lab> {
  await assertEngineAnswers();
  const found = await findLab(name);
  const { run, components } = found;
  const signal = new AbortController().signal;
  return labFrom(runningLabFrom(found), { run, components, progress: silent, signal });
}

/** Commands of the host in a node's network namespace: for what a node itself may not do. Needs root on this machine. */
import { execa } from 'execa';
import { docker } from '../../lab/engine/docker/connection';
import { containerOf } from '../../lab/engine/labs/containers';
import { findLab } from '../../lab/engine/labs/find';
import type { RunningLab } from '../../lab/library';

export async function inNetworkNamespace(
  lab: RunningLab,
  node: string,
  argv: readonly string[],
): Promise<void> {
  const container = docker().getContainer(containerOf(await findLab(lab.name), node));
  const { State } = await container.inspect();
  await execa('nsenter', ['-t', String(State.Pid), '-n', ...argv]);
}

/** Commands of the host in a node's network namespace: for what a node itself may not do. Needs root on this machine. */
import { execa } from 'execa';
import type { RunningLab } from '../../lab/library';

export async function inNetworkNamespace(
  lab: RunningLab,
  node: string,
  argv: readonly string[],
): Promise<void> {
  const asked = ['inspect', '--format', '{{.State.Pid}}', `tcpcopy-lab-${lab.name}-${node}`];
  const { stdout: process } = await execa('docker', asked);
  await execa('nsenter', ['-t', process, '-n', ...argv]);
}

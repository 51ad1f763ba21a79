/** A switch's mirror port (SPAN): what passes one node's port is sent to another's, too. Needs root on this machine. */
import { execa } from 'execa';
import type { LabNode } from '../../lab/library';

/** What the switch sends to the node, and what it has from there. */
export type MirrorDirection = 'egress' | 'ingress';

const EVERYTHING = ['protocol', 'ip', 'u32', 'match', 'u32', '0', '0'];

/** @returns what ends it */
export async function mirrorPort(
  from: LabNode,
  to: LabNode,
  directions: readonly MirrorDirection[],
): Promise<() => Promise<void>> {
  const [port, mirror] = await Promise.all([portOf(from), portOf(to)]);
  await tc('qdisc', 'add', 'dev', port, 'clsact');
  for (const direction of directions) {
    const action = ['action', 'mirred', 'egress', 'mirror', 'dev', mirror];
    await tc('filter', 'add', 'dev', port, direction, ...EVERYTHING, ...action);
  }
  return () => tc('qdisc', 'del', 'dev', port, 'clsact');
}

async function tc(...words: readonly string[]): Promise<void> {
  await execa('tc', words);
}

/** The bridge's device that the node's first one is joined to. */
async function portOf(node: LabNode): Promise<string> {
  const { stdout: index } = await node.exec(['cat', '/sys/class/net/eth0/iflink']);
  const { stdout } = await execa('ip', ['-json', 'link', 'show']);
  const links = JSON.parse(stdout) as readonly { readonly ifindex: number; readonly ifname: string }[];
  return links.find(({ ifindex }) => ifindex === Number(index.toString()))!.ifname;
}

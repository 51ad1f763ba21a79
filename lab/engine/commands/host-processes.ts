/** The processes of a node as this host numbers them, for tools that look into them from outside. */
import { containerOf } from '../labs/containers';
import type { FoundLab } from '../labs/find';

/** @param name of the program, as `ps` has it in `comm` */
export async function hostProcesses(lab: FoundLab, node: string, name: string): Promise<number[]> {
  const { Processes } = (await containerOf(lab, node).top({ ps_args: '-eo pid,comm' })) as {
    Processes: string[][];
  };
  return Processes.filter(([, comm]) => comm === name).map(([pid]) => Number(pid));
}

/** The node's first process, by whose namespaces this host finds the node's network. */
export async function hostPid(lab: FoundLab, node: string): Promise<number> {
  const { State } = await containerOf(lab, node).inspect();
  return State.Pid;
}

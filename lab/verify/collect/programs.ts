/** What runs tcpcopy and intercept in the nodes, looked for once for all who ask. */
import type { LabNode } from '../../engine/commands/lab';
import { programPattern } from '../../plan/checks';
import { ownProcesses } from '../../plan/machines';
import type { ProgramName } from '../evidence/copy-state';

export interface FoundProgram {
  /** Of all its processes, in decimal. */
  readonly pids: readonly string[];
  /** Of the first of them. */
  readonly commandLine: string;
}

/** To be made anew for each look: what it has found once it does not look for again. */
export class Programs {
  readonly #found = new Map<string, Promise<FoundProgram | undefined>>();

  /** Undefined when it does not run there. */
  on(node: LabNode, program: ProgramName): Promise<FoundProgram | undefined> {
    const key = `${node.name} ${program}`;
    const found = this.#found.get(key) ?? find(node, program);
    this.#found.set(key, found);
    return found;
  }
}

async function find(node: LabNode, program: ProgramName): Promise<FoundProgram | undefined> {
  const { stdout } = await node.exec([
    'pgrep',
    ...ownProcesses(node.definition),
    '-af',
    programPattern(program),
  ]);
  const processes = [...stdout.toString().matchAll(/^(\d+) (.+)$/gm)];
  const [first] = processes;
  return first && { pids: processes.map(([, pid]) => pid!), commandLine: first[2]! };
}

/** What is done to a lab, as data: it is carried out, and told as the commands that a person types. */
import { setKernelParameter } from '../../engine/nodes/kernel-parameter';
import { quoted } from '../../plan/words';
import { filled, type Places } from '../words/language';
import type { Classroom } from './classroom';

export type Action =
  /** A line of shell in a node. */
  | { readonly on: string; readonly run: string }
  /** A file is carried from one node to another. */
  | { readonly carry: string; readonly from: string; readonly to: string }
  /** A parameter of a node's kernel, which is read-only within the node. */
  | { readonly on: string; readonly sysctl: string; readonly value: string };

/** What was to be done ended with another status than 0. */
export class ActionError extends Error {
  readonly code = 'ACTION_FAILED';

  constructor(message: string) {
    super(message);
    this.name = 'ActionError';
  }
}

/** One after the other. @throws ActionError at the first that fails */
export async function carryOutActions(room: Classroom, actions: readonly Action[]): Promise<void> {
  for (const action of actions) await carryOut(room, action);
}

async function carryOut({ lab, places }: Classroom, action: Action): Promise<void> {
  if ('carry' in action) {
    await lab.node(action.to).writeFile(action.carry, await lab.node(action.from).readFile(action.carry));
    return;
  }
  if ('sysctl' in action) {
    await setKernelParameter(lab.name, action.on, action.sysctl, action.value);
    return;
  }
  const line = filled(action.run, places);
  const { exitCode, stdout, stderr } = await lab.node(action.on).exec(['sh', '-c', line]);
  if (exitCode === 0) return;
  const said = `${stdout.toString()}${stderr.toString()}`.trim();
  throw new ActionError(`\`${line}\` on ${action.on} ended with status ${exitCode}: ${said}`);
}

/** What only a shell understands. */
const OF_SHELLS = /[|&;<>()$`\\"'*?[\]#~%!{}\n]/;

/** The command line that a person types for it. */
export function typed(action: Action, places: Places): string {
  const { exec = './bin/lab exec', sysctl = './bin/lab sysctl' } = places;
  if ('carry' in action) {
    const into = quoted(['sh', '-c', `cat >${action.carry}`]);
    return `${exec} ${action.from} -- cat ${action.carry} | ${exec} ${action.to} -- ${into}`;
  }
  if ('sysctl' in action) return `${sysctl} ${action.on} ${action.sysctl}=${action.value}`;
  const line = filled(action.run, places);
  return `${exec} ${action.on} -- ${OF_SHELLS.test(line) ? quoted(['sh', '-c', line]) : line}`;
}

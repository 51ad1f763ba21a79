/** The parts of a copy, as a person starts and stops them: the steps of its plan, in any order and without its care. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from '../../engine/check';
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import { planFor } from '../../plan/plan';
import type { PlanStep } from '../../plan/step';
import { ScenarioError } from './errors';

/**
 * `guard`: the rule, or in the data-link architecture the routes. `net`: what catches what the guard does not. In the
 * data-link architecture it belongs to the plan, and stands wherever a guard does; otherwise a scenario puts it up itself.
 */
export type Part = 'net' | 'guard' | 'intercept' | 'tcpcopy';
export type ProgramPart = 'intercept' | 'tcpcopy';

/** Those that people start and stop, in the order of the plan. */
export const PARTS: readonly Part[] = ['guard', 'intercept', 'tcpcopy'];

/** A program that is told to end may have something to finish first. */
const ENDS_WITHIN_MS = 15_000;
const POLL_MS = 50;

export function stepsOf({ topology, flavour }: RunningLab, part: Part): PlanStep[] {
  const bare = new Set(planFor(topology, { bare: true }).steps.map(({ id }) => id));
  return planFor(topology, { flavour }).steps.filter(({ id }) => !bare.has(id) && partOf(id) === part);
}

function partOf(id: string): Part {
  const [kind] = id.split(':');
  if (kind === 'intercept' || kind === 'tcpcopy') return kind;
  return kind === 'guard' || kind === 'route' ? 'guard' : 'net';
}

/** Where a program runs, or is to run. */
export function nodesOf(lab: RunningLab, part: ProgramPart): LabNode[] {
  return stepsOf(lab, part).flatMap(({ action }) =>
    action.kind === 'command' ? [lab.node(action.node)] : [],
  );
}

/** @param further arguments of its command, behind those of the plan; other programs than ours have others */
export async function startPart(lab: RunningLab, part: Part, further: readonly string[] = []): Promise<void> {
  const own = lab.flavour === 'ours' ? further : [];
  const behind = part === 'guard' ? stepsOf(lab, 'net') : [];
  for (const { action } of [...behind, ...stepsOf(lab, part)]) {
    if (action.kind === 'command') await insistOn(lab.node(action.node), [...action.argv, ...own]);
  }
}

/** Resolves when a program has ended. */
export async function stopPart(lab: RunningLab, part: Part): Promise<void> {
  if (part === 'guard' || part === 'net') {
    for (const undo of stepsOf(lab, part)
      .flatMap((step) => step.undo)
      .toReversed()) {
      if (undo.kind === 'command') await insistOn(lab.node(undo.node), undo.argv);
    }
    return;
  }
  for (const node of nodesOf(lab, part)) {
    await node.exec(['pkill', '-TERM', '-x', part]);
    const deadline_ms = performance.now() + ENDS_WITHIN_MS;
    while ((await node.exec(['pgrep', '-x', part])).exitCode === 0) {
      if (performance.now() > deadline_ms)
        throw new ScenarioError(`${part} on ${node.name} did not end within ${ENDS_WITHIN_MS} ms of SIGTERM`);
      await sleep(POLL_MS);
    }
  }
}

/** Runs a command and insists on its success. */
export async function insistOn(node: LabNode, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await node.exec(argv);
  if (exitCode === 0) return stdout.toString();
  throw new ScenarioError(
    `\`${argv.join(' ')}\` on ${node.name} ended with status ${exitCode}: ${stderr.toString().trim()}`,
  );
}

/**
 * Takes down what there is of the copy but for its guard, as the plan does: last part first.
 *
 * @returns what did not come about; then the guard must stay
 */
export async function takeDownCopy(lab: RunningLab): Promise<string | undefined> {
  for (const part of ['tcpcopy', 'intercept'] as const) {
    for (const undo of stepsOf(lab, part)
      .toReversed()
      .flatMap((step) => step.undo)) {
      if (undo.kind !== 'command') continue;
      await lab.node(undo.node).exec(undo.argv);
      for (const check of undo.checks) {
        const failure = await failureOf(check, (node, argv) => lab.node(node).exec(argv));
        if (failure !== undefined) return `${undo.title}: it does not hold that ${check.holds}: ${failure}`;
      }
    }
  }
  return undefined;
}

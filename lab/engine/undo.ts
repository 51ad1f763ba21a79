/** Undoes steps of a plan one by one, in a lab whose other parts stay. */
import type { Container } from 'dockerode';
import type { PlanStep, Undo } from '../plan/step';
import { failureOf } from './check';
import { labels } from './docker/labels';
import type { FoundLab } from './labs/find';
import { findLab } from './labs/find';
import { stopForwarded } from './labs/forwarding';
import { machinesOf } from './machines/machine';
import { leaveMachine } from './machines/take';
import type { NodeBody } from './commands/body';
import { exec } from './commands/exec';
import type { ExecResult } from './commands/lab';
import { leaveNetwork } from './nodes/network';
import type { Progress } from './docker/progress';

/** A node that does not answer must not hold up the rest for long. */
const COMMAND_MS_MAX = 15_000;

/** What is not there any more is undone already; of commands only the checks decide. */
export async function undoStep(name: string, step: PlanStep, progress: Progress): Promise<void> {
  for (const undo of step.undo) {
    const title = undo.kind === 'command' ? undo.title : `remove ${undo.title}`;
    await progress.step(title, async () => perform(await findLab(name), undo));
  }
}

async function perform(lab: FoundLab, undo: Undo): Promise<void> {
  switch (undo.kind) {
    case 'command':
      if (runningIn(lab, undo.node) === undefined) return;
      return undoCommand(undo, (node) => runningIn(lab, node)!);
    case 'machine':
      return leaveMachine(lab, machinesOf(lab.topology).get(undo.node)!);
    case 'node':
      return removeContainers(lab, ({ [labels.node]: node }) => node === undo.node);
    case 'service':
      return removeContainers(
        lab,
        ({ [labels.serves]: node, [labels.service]: service }) =>
          node === undo.node && service === undo.service,
      );
    case 'leave': {
      const node = runningIn(lab, undo.node);
      if (node !== undefined) await leaveNetwork(lab, undo.network, node);
      return;
    }
    case 'network': {
      const networks = lab.networks.filter(({ Labels }) => Labels?.[labels.network] === undo.network);
      await stopForwarded(networks);
      await Promise.all(networks.map(({ handle }) => handle.remove()));
      return;
    }
  }
}

/** @param bodyOf what a node that runs is @throws Error when one of its checks does not hold */
export async function undoCommand(
  { node, argv, checks }: Undo & { kind: 'command' },
  bodyOf: (node: string) => NodeBody,
): Promise<void> {
  const run = (where: string, command: readonly string[]): Promise<ExecResult> =>
    exec(bodyOf(where), command, { timeout_ms: COMMAND_MS_MAX });
  await run(node, argv);
  for (const check of checks) {
    const failure = await failureOf(check, run);
    if (failure !== undefined) throw new Error(`it does not hold that ${check.holds}: ${failure}`);
  }
}

const runningIn = ({ containers }: FoundLab, node: string): Container | undefined =>
  containers.find(({ State, Labels }) => State === 'running' && Labels[labels.node] === node)?.handle;

async function removeContainers(
  { containers }: FoundLab,
  isMeant: (carried: Readonly<Record<string, string>>) => boolean,
): Promise<void> {
  const meant = containers.filter(({ Labels }) => isMeant(Labels));
  await Promise.all(meant.map(({ handle }) => handle.remove({ force: true, v: true })));
}

/** Carries out a plan: each step as soon as those it needs have succeeded. */
import type { Container } from 'dockerode';
import { holderName } from '../plan/fence';
import { servicesOf } from '../plan/services';
import type { Plan, PlanStep } from '../plan/step';
import { failureOf } from './check';
import { isTaken, LabError, reasonOf } from './docker/errors';
import type { Machine } from './machines/machine';
import { takeMachine } from './machines/take';
import { awaken } from './commands/agent';
import { exec } from './commands/exec';
import { labelsOf, type LabIdentity } from './docker/labels';
import { findLab } from './labs/find';
import { letForwardedPass } from './labs/forwarding';
import { introduce, takeAddress6 } from './nodes/addresses6';
import { createNetwork, joinNetwork } from './nodes/network';
import { startHolder, startNode } from './nodes/node-container';
import type { Progress } from './docker/progress';
import { startService } from './services/container';
import type { ImageOf } from './services/images';
import { awaitReady } from './services/ready';

export interface CarryOut {
  readonly lab: LabIdentity;
  /** The image of all nodes. */
  readonly image: string;
  /** Those of the user's containers. */
  readonly imageOf: ImageOf;
  /** The archive of what machines are given, where nodes are machines. */
  readonly kit?: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Of nodes that are there already, by name. */
  readonly containers?: ReadonlyMap<string, Container>;
  /** Awaited when a network is there, before anything is on it. */
  readonly onNetwork?: ((network: string) => Promise<void>) | undefined;
}

/**
 * Resolves when every step is done and checked. When one fails, no further step begins, and it rejects with the first
 * failure after those under way have ended, so that nothing appears behind the back of whoever cleans up.
 */
export async function carryOut(
  plan: Pick<Plan, 'steps'>,
  { lab, image, imageOf, kit, progress, signal, containers: given, onNetwork }: CarryOut,
): Promise<void> {
  const containers = new Map<string, Container>(given);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);

  const machines = new Map<string, Machine>();
  const run = (node: string, argv: readonly string[]) =>
    exec(machines.get(node) ?? containers.get(node)!, argv);

  const perform = async ({ action }: PlanStep): Promise<void> => {
    switch (action.kind) {
      case 'network':
        await createNetwork(lab, action.network, image);
        return onNetwork?.(action.network);
      case 'forwarding': {
        const { networks } = await findLab(lab.name);
        return letForwardedPass(networks, image, labelsOf(lab));
      }
      case 'node': {
        const container = await startNode(image, lab, action.node);
        containers.set(action.node, container);
        awaken(container);
        const node = lab.topology.nodes[action.node]!;
        return takeAddress6(lab, node.network, { name: action.node, container }, node);
      }
      case 'machine':
        machines.set(action.node, await takeMachine(lab, action.node, kit!));
        awaken(machines.get(action.node)!);
        return;
      case 'join': {
        const container = containers.get(action.node)!;
        await joinNetwork(lab, action.network, container, action);
        return takeAddress6(lab, action.network, { name: action.node, container }, action);
      }
      case 'introduce': {
        const others = action.others.map((name) => ({ name, container: containers.get(name)! }));
        return introduce(
          lab,
          action.network,
          { name: action.node, container: containers.get(action.node)! },
          others,
        );
      }
      case 'holder':
        containers.set(
          holderName(action.node, action.service),
          await startHolder(image, lab, action.node, action.service),
        );
        return;
      case 'service': {
        const planned = servicesOf(lab.topology).find(
          ({ node, service }) => node === action.node && service === action.service,
        )!;
        const node = containers.get(action.node)!;
        const holder = planned.holder === undefined ? undefined : containers.get(planned.holder)!;
        const container = await startService(lab, planned, imageOf(planned.container.from), holder);
        return awaitReady(planned, container, node, stop);
      }
      case 'command': {
        const { exitCode, stdout, stderr } = await run(action.node, action.argv);
        if (exitCode === 0) return;
        const said = `${stdout.toString()}${stderr.toString()}`.trim();
        throw new Error(`\`${action.argv.join(' ')}\` ended with exit status ${exitCode}: ${said}`);
      }
    }
  };

  const complete = async (step: PlanStep): Promise<void> => {
    await perform(step);
    const failures = await Promise.all(step.checks.map((check) => failureOf(check, run, stop)));
    const failed = failures.findIndex((failure) => failure !== undefined);
    if (failed >= 0)
      throw new Error(`It does not hold that ${step.checks[failed]!.holds}: ${failures[failed]}`);
  };

  const done = new Map<string, Promise<void>>();
  for (const step of plan.steps) {
    // What is no step of this plan stands already.
    const needed = step.needs.map((id) => done.get(id) ?? Promise.resolve());
    const work = Promise.all(needed)
      .then(() => {
        stop.throwIfAborted();
        return progress.step(step.title, () => complete(step));
      })
      .catch((cause: unknown) => {
        if (stop.aborted) throw stop.reason;
        // Whoever starts the lab tries again then.
        const taken = isTaken(cause);
        const failure = taken
          ? cause
          : new LabError('STEP_FAILED', `${step.title}: ${reasonOf(cause)}`, undefined, { cause });
        failed.abort(failure);
        throw failure;
      });
    work.catch(() => undefined);
    done.set(step.id, work);
  }
  await Promise.allSettled(done.values());
  stop.throwIfAborted();
}

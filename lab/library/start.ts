/** Starts a lab for the program that asks, and takes it away with it. */
import { randomBytes } from 'node:crypto';
import type { ComponentsChoice } from '../engine/nodes/components';
import { assertEngineAnswers } from '../engine/docker/connection';
import { LabError } from '../engine/docker/errors';
import { isLabName, labName_max, labNameForm } from '../engine/docker/names';
import { silent, type Progress } from '../engine/docker/progress';
import { up } from '../engine/up';
import type { Topology, TopologyFile } from '../topology/types';
import { labFrom, type Lab } from './lab';
import { resolve } from './resolve';

export interface StartOptions {
  /**
   * The lab's name, of lower-case letters, digits and dashes. Default: the topology's with an ending of chance, so that test
   * files side by side have labs of their own.
   */
  readonly name?: string;
  /** What paths in the topology (`build`, `compose`, `files`) are relative to. Default: the working directory. */
  readonly folder?: string;
  /** Nodes and servers only. */
  readonly bare?: boolean;
  /** Other builds of tcpcopy and intercept, in the place of ours. */
  readonly components?: ComponentsChoice;
  /** Where nodes are machines (`on: { ssh, device }`): all that `lab plan` prints may be done there. Without it nothing is started. */
  readonly machines?: 'agreed';
  /** An archive of `make dist` (`.tar.gz`), whose programs these machines are given in the place of the lab's own. */
  readonly release?: string;
  /** Told of each step, and how long it took. Default: nobody is. */
  readonly progress?: Progress;
  /** Ends the start, after which nothing is left; and later the verifications and scenarios of this lab, which goes on. */
  readonly signal?: AbortSignal;
}

/** A lab that goes when the block ends that holds it (`await using`), or with `down()`. */
export interface StartedLab extends Lab, AsyncDisposable {
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a lab: nodes, servers and the copy, each step checked. Where others have its subnets it stands on free ones:
 * addresses are asked of the lab (`lab.node('online').definition.address`), or names used in the nodes.
 *
 * It is this process's: when that is killed, whoever starts a lab next, by this function or by the command, removes it first.
 *
 * @throws TopologyError with all that is wrong with the topology, and LabError, after everything that was started is removed
 *   again: `ENGINE_UNREACHABLE`, `LAB_RUNNING` when the name is taken, `STEP_FAILED`, …
 */
export async function startLab(
  topology: TopologyFile | Topology,
  options: StartOptions = {},
): Promise<StartedLab> {
  const { progress = silent, signal = new AbortController().signal, bare = false, components } = options;
  const resolved = resolve(topology, options.folder ?? process.cwd());
  const name = options.name ?? freeName(resolved.name);
  if (!isLabName(name))
    throw new LabError('LAB_NAME_INVALID', `${JSON.stringify(name)} cannot be a lab's name.`, labNameForm);
  signal.throwIfAborted();
  await assertEngineAnswers();
  const { lab, run, alreadyRunning } = await up(resolved, {
    ...{ name, bare, progress, signal, anywhere: true, own: true },
    ...(components && { components }),
    ...(options.release !== undefined && { release: options.release }),
    ...(options.machines === 'agreed' && { agreeTo: () => Promise.resolve(true) }),
  });
  if (alreadyRunning)
    throw new LabError(
      'LAB_RUNNING',
      `Lab ${name} is running already.`,
      'Open it (openLab), or give another name.',
    );
  const started = labFrom(lab, { run, components, progress, signal });
  return Object.assign(started, { [Symbol.asyncDispose]: () => started.down() });
}

const ENDING_BYTES = 3;

function freeName(topology: string): string {
  const ending = `-${randomBytes(ENDING_BYTES).toString('hex')}`;
  return topology.slice(0, labName_max - ending.length) + ending;
}

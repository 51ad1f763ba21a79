/** The load of the user's own: a command in a client, or in a container of the user's with the client's network. */
import type { Container } from 'dockerode';
import { LOAD_WITHIN_MS, loadService, type TopologyLoad } from '../../topology/servers/load';
import type { ServiceContainer } from '../../topology/servers/services';
import { withImages } from '../../plan/services';
import { LabError, reasonOf } from '../docker/errors';
import { silent } from '../docker/progress';
import { containerOf } from '../labs/containers';
import { findLab } from '../labs/find';
import type { RunningLab } from '../commands/lab';
import { startLoad } from './container';
import { ensureServiceImages } from './images';
import { lastLines } from './logs';

export interface OwnLoadResult {
  /** Undefined when it was ended because its time was over. */
  readonly exitCode: number | undefined;
  /** The last lines of both its outputs. */
  readonly output: string;
  readonly duration_ms: number;
}

const LINES_KEPT = 20;

/** Plays it to its end, or until its time is over. Nothing of it is left when this settles. */
export async function playOwnLoad(
  lab: RunningLab,
  load: TopologyLoad,
  signal: AbortSignal,
): Promise<OwnLoadResult> {
  const began_ms = performance.now();
  const limit = AbortSignal.timeout(load.within_ms ?? LOAD_WITHIN_MS);
  const stop = AbortSignal.any([signal, limit]);
  const { container } = load;
  const { exitCode, output } = await (container
    ? playInContainer(lab, { ...load, container }, stop)
    : playInNode(lab, load, stop));
  signal.throwIfAborted();
  return {
    exitCode: limit.aborted ? undefined : exitCode,
    output,
    duration_ms: performance.now() - began_ms,
  };
}

async function playInNode(lab: RunningLab, { node, run }: TopologyLoad, stop: AbortSignal) {
  const command = await lab.node(node).start(run);
  const end = (): void => void command.stop().catch(() => undefined);
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  const { exitCode, stdout, stderr } = await command.ended;
  stop.removeEventListener('abort', end);
  const lines = `${stdout.toString()}${stderr.toString()}`.trimEnd().split('\n');
  return { exitCode, output: lines.slice(-LINES_KEPT).join('\n') };
}

async function playInContainer(
  { name, topology }: RunningLab,
  load: TopologyLoad & { readonly container: ServiceContainer },
  stop: AbortSignal,
) {
  const wanted = withImages(topology).filter(({ service }) => service === loadService);
  const imageOf = await ensureServiceImages(wanted, silent, stop);
  const found = await findLab(name);
  const node = containerOf(found, load.node);
  let started: Container | undefined;
  try {
    started = await startLoad(found, load, imageOf(load.container.from), node);
    const exitCode = await endOf(started, stop);
    return { exitCode, output: (await lastLines(started, LINES_KEPT)).trimEnd() };
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    const message = `The load \`${load.run.join(' ')}\` cannot be run: ${reasonOf(cause)}`;
    throw new LabError('SERVICE_FAILED', message, undefined, { cause });
  } finally {
    await started?.remove({ force: true, v: true });
  }
}

/** Its exit status; undefined when `stop` came first. */
async function endOf(container: Container, stop: AbortSignal): Promise<number | undefined> {
  const ended = container.wait() as Promise<{ StatusCode: number }>;
  ended.catch(() => undefined);
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    else stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return (await Promise.race([ended, stopped]))?.StatusCode;
}

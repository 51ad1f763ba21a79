/** Waits until a container of the user's is what others wait for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { untilWords, type PlannedService } from '../../plan/services';
import { readyWithin_ms, READY_WITHIN_MS, type Ready } from '../../topology/servers/servers';
import { LabError } from '../docker/errors';
import { exec } from '../commands/exec';
import { execInService } from './exec';
import { lastLines } from './logs';

const PAUSE_MS = 100;
/** Of its log, that an error repeats. */
const LINES_TOLD = 15;
/** Of its log, that are searched. */
const LINES_SEARCHED = 1_000;
/** How long one question may take. */
const ANSWER_WITHIN_S = 5;

interface State {
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly Health?: { readonly Status: string } | undefined;
}

type Readiness = 'yes' | 'not yet' | { readonly failed: string };

/** @param node the container of its node, from which its ports are asked */
export async function awaitReady(
  planned: PlannedService,
  container: Container,
  node: Container,
  signal: AbortSignal,
): Promise<void> {
  const { until } = planned;
  const within_ms = until.kind === 'ready' ? readyWithin_ms(until.ready) : READY_WITHIN_MS;
  const deadline_ms = performance.now() + within_ms;
  for (;;) {
    signal.throwIfAborted();
    const { State: state } = await container.inspect();
    const readiness = await readinessOf(planned, state, container, node);
    if (readiness === 'yes') return;
    if (readiness !== 'not yet') throw await notReady(planned, container, readiness.failed);
    if (performance.now() > deadline_ms)
      throw await notReady(planned, container, `it is not after ${within_ms / 1000} s`);
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

async function readinessOf(
  { until, address }: PlannedService,
  state: State,
  container: Container,
  node: Container,
): Promise<Readiness> {
  const ended = `it has ended, with status ${state.ExitCode}`;
  if (until.kind === 'completed') {
    if (state.Running) return 'not yet';
    return state.ExitCode === 0 ? 'yes' : { failed: ended };
  }
  if (!state.Running) return { failed: ended };
  switch (until.kind) {
    case 'started':
      return 'yes';
    case 'healthy':
      if (state.Health === undefined) return { failed: 'neither it nor its image has a health check' };
      if (state.Health.Status === 'unhealthy')
        return { failed: 'its health check says that it is unhealthy' };
      return state.Health.Status === 'healthy' ? 'yes' : 'not yet';
    case 'ready':
      return (await showsSign(until.ready, address, until.port, container, node)) ? 'yes' : 'not yet';
  }
}

/** @param address its own; undefined when it has its node's */
async function showsSign(
  ready: Ready,
  address: string | undefined,
  port: number,
  container: Container,
  node: Container,
): Promise<boolean> {
  if (ready.tcp !== undefined && address !== undefined) {
    const open = ['timeout', String(ANSWER_WITHIN_S), 'bash', '-c', `</dev/tcp/${address}/${ready.tcp}`];
    return (await exec(node, open)).exitCode === 0;
  }
  if (ready.tcp !== undefined) {
    const { stdout } = await exec(node, ['ss', '-ltnH', `sport = :${ready.tcp}`]);
    return stdout.includes('LISTEN');
  }
  if (ready.http !== undefined) {
    const options = ['-s', '-o', '/dev/null', '-m', String(ANSWER_WITHIN_S), '-w', '%{http_code}'];
    const { stdout } = await exec(node, [
      'curl',
      ...options,
      `http://${address ?? '127.0.0.1'}:${port}${ready.http}`,
    ]);
    return stdout.toString() === String(ready.status ?? 200);
  }
  if (ready.log !== undefined)
    return new RegExp(ready.log, 'm').test(await lastLines(container, LINES_SEARCHED));
  return (await execInService(container, ready.command)).exitCode === 0;
}

async function notReady(
  { node, service, until }: PlannedService,
  container: Container,
  why: string,
): Promise<LabError> {
  const said = (await lastLines(container, LINES_TOLD)).trimEnd() || '(nothing)';
  return new LabError(
    'SERVICE_FAILED',
    `${service} of ${node} (${untilWords(until)}): ${why}. Its last lines:\n${said}`,
    'Correct the container, or what is waited for (`ready`).',
  );
}

/** A paced load whose connections are held open while somebody looks, before its first request and after its last one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../stage/bench-error';
import { NO_FURTHER } from '../client/gate';
import type { ClientReport } from '../client/task';
import { askClient } from '../tools/ask-client';
import type { Stage } from '../stage/stage';
import type { Point } from './dimensions';

const GATE_FILE = '/tmp/bench-gate';
/** To open and to close connections, and for who looks meanwhile. */
const TIMEOUT_MARGIN_MS = 60_000;
const POLL_MS = 50;

export interface Looks {
  /** All connections are open. */
  readonly opened: () => Promise<void>;
  /** All requests are answered. */
  readonly answered: () => Promise<void>;
}

export async function playHeld(
  stage: Stage,
  tag: string,
  { connections, rate, duration_ms, file }: Pick<Point, 'connections' | 'rate' | 'duration_ms' | 'file'>,
  { opened, answered }: Looks,
): Promise<ClientReport> {
  const target = file === undefined ? tag : `bytes/${file.name}?${tag}`;
  const task = { kind: 'paced', connections, rate, duration_ms, gateFile: GATE_FILE } as const;
  const timeout_ms = duration_ms + TIMEOUT_MARGIN_MS;
  await openGate(stage);
  const client = { ended: false, report: askClient(stage, target, task, timeout_ms) };
  const end = (): unknown => (client.ended = true);
  client.report.then(end, end);
  try {
    await gateReached(stage, client, timeout_ms);
    await opened();
    await openGate(stage);
    // Whoever asks in the meantime takes time of the machine.
    await sleep(duration_ms, undefined, { signal: stage.signal });
    await gateReached(stage, client, timeout_ms);
    await answered();
    await openGate(stage);
    return await client.report;
  } catch (failure) {
    if (client.ended || stage.signal.aborted) throw failure;
    // Its connections must not be there when the next load is measured.
    await stage.client.writeFile(GATE_FILE, NO_FURTHER);
    await client.report.catch(() => undefined);
    throw failure;
  }
}

const openGate = ({ client }: Stage): Promise<unknown> => client.exec(['rm', '-f', GATE_FILE]);

async function gateReached(
  stage: Stage,
  client: { readonly ended: boolean; readonly report: Promise<ClientReport> },
  timeout_ms: number,
): Promise<void> {
  const deadline_ms = performance.now() + timeout_ms;
  while ((await stage.client.exec(['test', '-e', GATE_FILE])).exitCode !== 0) {
    if (client.ended) {
      await client.report;
      throw new BenchError('LOAD_FAILED', 'The client did not wait to be measured.');
    }
    if (performance.now() > deadline_ms) throw new BenchError('LOAD_FAILED', 'The client does not come on.');
    await sleep(POLL_MS, undefined, { signal: stage.signal });
  }
}

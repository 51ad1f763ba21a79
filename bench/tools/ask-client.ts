/** Our own client program: bundled here, written into the client's node, and asked for one task at a time. */
import { bundle, NODE } from '../stage/bundle';
import type { ClientReport, ClientTask } from '../client/task';
import type { Stage } from '../stage/stage';
import { runClient } from './run-client';

const PLACE = '/tmp/bench-client.mjs';

export async function installClientProgram({ client }: Stage): Promise<void> {
  await client.writeFile(PLACE, await bundle('client/main.ts'));
}

type Aim = 'host' | 'port' | 'tag';
/** Keeps the members of a union apart. */
export type Unaimed<Task> = Task extends unknown ? Omit<Task, Aim> : never;

export async function askClient(
  stage: Stage,
  tag: string,
  task: Unaimed<ClientTask>,
  timeout_ms: number,
): Promise<ClientReport> {
  const { address, port } = stage.scene.online;
  const aimed = JSON.stringify({ ...task, tag, host: address, port });
  return JSON.parse(await runClient(stage, [NODE, PLACE, aimed], timeout_ms)) as ClientReport;
}

/** Our own server program: bundled here, and run in a server's node in the place of its nginx. */
import type { LabNode } from '../../lab/engine/commands/lab';
import { listens } from '../../lab/plan/checks';
import { REMARKS_FILE, type Remark, type ServerTask } from '../server/task';
import { bundle, NODE } from '../stage/bundle';
import { insistOn } from '../stage/plan-step';
import type { Stage } from '../stage/stage';
import { stopNginx } from './nginx';

const PLACE = '/tmp/bench-server.mjs';

/** Resolves when it listens; calling what it resolves with ends it. */
export async function startServerProgram(
  { lab }: Stage,
  node: LabNode,
  task: Omit<ServerTask, 'port'>,
): Promise<() => Promise<void>> {
  const { port } = node.definition.server!;
  const aimed: ServerTask = { ...task, port };
  await node.writeFile(PLACE, await bundle('server/main.ts'));
  await stopNginx(node);
  const command = await node.start([NODE, PLACE, JSON.stringify(aimed)]);
  const stop = async (): Promise<void> => {
    await command.stop();
  };
  try {
    await insistOn(lab, [listens(node.name, port)]);
    return stop;
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** Targets of the requests that it made the remark of. */
export async function remarked(node: LabNode, remark: Remark): Promise<string[]> {
  const { stdout } = await node.exec(['grep', `^${remark} `, REMARKS_FILE]);
  return targetsIn(stdout.toString());
}

/** @param lines a word and a target each */
export const targetsIn = (lines: string): string[] =>
  lines.split('\n').flatMap((line) => line.split(' ')[1] ?? []);

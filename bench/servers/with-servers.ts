/** Servers that behave otherwise than usual, for one load. */
import type { LabNode } from '../../lab/engine/commands/lab';
import type { ServerTask } from '../server/task';
import { awaitArmed, startCopying, stopCopying, type Stage } from '../stage/stage';
import { writeBytesFile, type BytesFile } from './bytes-file';
import { restartNginx, type NginxSettings } from './nginx';
import { startServerProgram } from './program';

/** Undefined is a server that behaves as usual. */
export interface Servers {
  readonly online?: Behaviour;
  readonly test?: Behaviour;
}

export type Behaviour = OtherNginx | OtherProgram;

export interface OtherNginx {
  readonly kind: 'nginx';
  readonly settings?: NginxSettings;
  /** Where it is of another size than the other server's. */
  readonly file?: BytesFile;
}

export interface OtherProgram {
  readonly kind: 'program';
  readonly task: Omit<ServerTask, 'port'>;
}

/** tcpcopy is started behind them, so that it knows nothing of them when the work begins. */
export async function withServers<T>(stage: Stage, servers: Servers, work: () => Promise<T>): Promise<T> {
  const undo: (() => Promise<void>)[] = [];
  const change = async (node: LabNode, behaviour: Behaviour | undefined): Promise<void> => {
    if (!behaviour) return;
    undo.push(() => restartNginx(stage, node));
    if (behaviour.kind === 'program') undo.push(await startServerProgram(stage, node, behaviour.task));
    else await restartAs(stage, node, behaviour);
  };
  await stopCopying(stage);
  try {
    await change(stage.online, servers.online);
    await change(stage.test, servers.test);
    await startCopying(stage);
    await awaitArmed(stage);
    return await work();
  } finally {
    await stopCopying(stage);
    for (let step = undo.pop(); step; step = undo.pop()) await step();
    await startCopying(stage);
    await awaitArmed(stage);
  }
}

async function restartAs(stage: Stage, node: LabNode, { settings, file }: OtherNginx): Promise<void> {
  await restartNginx(stage, node, settings);
  if (file) await writeBytesFile(node, file);
}

/** The servers' own records of a run. */
import type { LabNode, RunningLab } from '../../engine/nodes/lab';
import type { Scene, SceneServer } from '../evidence/scene';
import { readAccessLog, readCommandStatistics, type ServerRecord } from '../evidence/server-record';

export const ACCESS_LOG = '/var/log/nginx/access.log';

export interface RecordKeeper {
  /** Requests of this run that the server has carried out so far. */
  count(): Promise<number>;
  record(): Promise<ServerRecord>;
}

/** Call before the load: some servers only tell how much they have done since they started. */
export async function keepRecord(
  lab: RunningLab,
  scene: Scene,
  server: SceneServer,
  run: string,
): Promise<RecordKeeper> {
  const node = lab.node(server.name);
  if (scene.protocol === 'http') {
    return {
      count: async () =>
        Number((await node.exec(['grep', '-c', `lab/${run}/`, ACCESS_LOG])).stdout.toString()),
      record: async () =>
        readAccessLog((await node.exec(['grep', `lab/${run}/`, ACCESS_LOG])).stdout.toString(), run),
    };
  }
  const earlier = await commandStatistics(node, server.port);
  const record = async () => readCommandStatistics(await commandStatistics(node, server.port), earlier);
  return {
    record,
    count: async () => Object.values((await record()).calls).reduce((sum, calls) => sum + calls, 0),
  };
}

async function commandStatistics(node: LabNode, port: number): Promise<string> {
  return (await node.exec(['redis-cli', '-p', String(port), 'info', 'commandstats'])).stdout.toString();
}

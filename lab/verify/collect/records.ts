/** The servers' own records of a run. */
import type { LabNode, RunningLab } from '../../engine/commands/lab';
import type { Scene, SceneServer } from '../evidence/scene';
import { growthOf } from '../evidence/copy-state';
import { readAccessLog, readCommandStatistics, type ServerRecord } from '../evidence/server-record';
import { collectAllCounters } from './state';

export const ACCESS_LOG = '/var/log/nginx/access.log';

export interface RecordKeeper {
  /** Requests of this run that the server has carried out so far; where it does not tell, those that it was sent. */
  count(): Promise<number>;
  record(): Promise<ServerRecord>;
}

/** Call before the load: some servers only tell how much they have done since they started. */
export async function keepRecord(
  lab: RunningLab,
  scene: Scene,
  { name, port }: SceneServer,
  run: string,
): Promise<RecordKeeper> {
  const node = lab.node(name);
  switch (lab.topology.nodes[name]!.server!.kind) {
    case 'nginx':
    case 'nginx-http2':
      return accessLog(node, run);
    case 'redis':
      return commandStatistics(node, port);
    case 'service':
    case 'present':
      return noRecord(lab, scene);
  }
}

function accessLog(node: LabNode, run: string): RecordKeeper {
  return {
    count: async () => Number((await node.exec(['grep', '-c', `lab/${run}/`, ACCESS_LOG])).stdout.toString()),
    record: async () =>
      readAccessLog((await node.exec(['grep', `lab/${run}/`, ACCESS_LOG])).stdout.toString(), run),
  };
}

async function commandStatistics(node: LabNode, port: number): Promise<RecordKeeper> {
  const ask = async (): Promise<string> =>
    (await node.exec(['redis-cli', '-p', String(port), 'info', 'commandstats'])).stdout.toString();
  const earlier = await ask();
  const record = async () => readCommandStatistics(await ask(), earlier);
  return {
    record,
    count: async () => Object.values((await record()).calls).reduce((sum, calls) => sum + calls, 0),
  };
}

/** Of a server of the user's. Other programs than ours do not tell what they have sent: then it counts as never enough. */
async function noRecord(lab: RunningLab, scene: Scene): Promise<RecordKeeper> {
  const ask = async () => (await collectAllCounters(lab, scene)).tcpcopy;
  const earlier = await ask();
  return {
    record: () => Promise.resolve({ kind: 'none' }),
    count: async () => growthOf(earlier, await ask())['requests_sent'] ?? 0,
  };
}

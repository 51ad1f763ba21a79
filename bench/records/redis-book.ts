/** Deliveries by the command statistics of both Redis. */
import type { LabNode } from '../../lab/engine/commands/lab';
import { callsIn } from '../../lab/verify/evidence/server-record';
import type { Stage } from '../stage/stage';
import type { Book, Both, Deliveries } from './book';

/** Our own asking. */
const NOT_COUNTED = new Set(['info', 'config|resetstat']);

export class RedisBook implements Book {
  private constructor(private readonly stage: Stage) {}

  static async open(stage: Stage): Promise<RedisBook> {
    await Promise.all([stage.online, stage.test].map((node) => redis(stage, node, ['config', 'resetstat'])));
    return new RedisBook(stage);
  }

  async counts(): Promise<Both<number>> {
    const { online, test } = await this.deliveries();
    const sum = (calls: Deliveries): number => [...calls.values()].reduce((total, count) => total + count, 0);
    return { online: sum(online), test: sum(test) };
  }

  async deliveries(): Promise<Both<Deliveries>> {
    const { stage } = this;
    const callsAt = async (node: LabNode): Promise<Deliveries> => {
      const calls = callsIn(await redis(stage, node, ['info', 'commandstats']));
      return new Map([...calls].filter(([command]) => !NOT_COUNTED.has(command)));
    };
    const [online, test] = await Promise.all([callsAt(stage.online), callsAt(stage.test)]);
    return { online, test };
  }
}

async function redis({ scene }: Stage, node: LabNode, words: readonly string[]): Promise<string> {
  const { port } = node.name === scene.online.name ? scene.online : scene.test;
  return (await node.exec(['redis-cli', '-p', String(port), ...words])).stdout.toString();
}

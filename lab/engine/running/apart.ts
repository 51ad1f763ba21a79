/** Nodes that belong to no topology: on the network of each engine's machine, and on none. Nothing is left of them. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../docker/connection';
import type { LabIdentity } from '../docker/labels';
import { thisProcess } from '../docker/owner';
import { removeRun } from '../labs/remove';
import type { LabNode } from '../commands/lab';
import { startHostNode, startNodeApart } from '../nodes/node-container';
import { nodeFrom } from './running-lab';

export interface NodesApart {
  /** In the network namespace of the engine: what it sees there is its machine's. */
  readonly host: LabNode;
  /** In one of its own, without a device: what it changes there nobody else has. */
  readonly apart: LabNode;
}

/** @param image is on each of the engines */
export async function withNodesApart<T>(
  image: string,
  engines: readonly Engine[],
  use: (nodes: ReadonlyMap<Engine, NodesApart>) => Promise<T>,
): Promise<T> {
  const lab: LabIdentity = {
    name: `doctor-${process.pid}`,
    run: randomUUID(),
    revision: 0,
    starter: thisProcess(),
    // Where this process is killed, whoever starts a lab next removes them.
    own: true,
    topology: { name: 'doctor', description: 'A look at machines.', networks: {}, nodes: {}, copies: [] },
    bare: true,
    components: undefined,
    engines: undefined,
    swarm: [],
  };
  const node = { role: 'client', network: '(none)', address: '0.0.0.0' } as const;
  try {
    const started = await Promise.all(
      engines.map(async (engine) => {
        const [host, apart] = await Promise.all([
          startHostNode(image, lab, engine),
          startNodeApart(image, lab, engine),
        ]);
        const [hostName, apartName] = [`the machine of ${engine.name}`, `a node on ${engine.name}`];
        return [
          engine,
          { host: nodeFrom(hostName, node, host), apart: nodeFrom(apartName, node, apart) },
        ] as const;
      }),
    );
    return await use(new Map(started));
  } finally {
    await removeRun(lab.run);
  }
}

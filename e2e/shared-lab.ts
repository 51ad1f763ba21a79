import { afterAll, beforeAll } from '@jest/globals';
import { down } from '../lab/engine/down';
import { findLabs } from '../lab/engine/labs/find';
import type { RunningLab } from '../lab/engine/nodes/lab';
import { silent } from '../lab/engine/docker/progress';
import { up } from '../lab/engine/up';
import type { Topology } from '../lab/topology/types';

/** A lab that all tests of a block break and mend in turn. */
export function sharedLab(
  topology: Topology,
  name: string,
  { bare = false }: { readonly bare?: boolean } = {},
): () => RunningLab {
  let lab: RunningLab | undefined;
  const remove = async (): Promise<void> => {
    const found = (await findLabs()).find((candidate) => candidate.name === name);
    if (found) await down(found, silent);
  };
  beforeAll(async () => {
    await remove();
    const options = { name, bare, progress: silent, signal: new AbortController().signal };
    ({ lab } = await up(topology, options));
  });
  afterAll(remove);
  return () => lab!;
}

import { afterAll, beforeAll } from '@jest/globals';
import { startLab, type Lab, type StartedLab, type Topology } from '../../lab/library';

/** A lab that all tests of a block break and mend in turn. */
export function sharedLab(
  topology: Topology,
  name: string,
  { bare = false }: { readonly bare?: boolean } = {},
): () => Lab {
  let lab: StartedLab | undefined;
  beforeAll(async () => {
    lab = await startLab(topology, { name, bare });
  });
  afterAll(() => lab?.down());
  return () => lab!;
}

import { afterAll, beforeAll } from '@jest/globals';
import {
  startLab,
  type Lab,
  type StartedLab,
  type StartOptions,
  type Topology,
  type TopologyFile,
} from '../../lab/library';

/** A lab that all tests of a block break and mend in turn. */
export function sharedLab(
  topology: Topology | TopologyFile,
  name: string,
  options: Pick<StartOptions, 'bare' | 'folder'> = {},
): () => Lab {
  let lab: StartedLab | undefined;
  beforeAll(async () => {
    lab = await startLab(topology, { name, ...options });
  });
  afterAll(() => lab?.down());
  return () => lab!;
}

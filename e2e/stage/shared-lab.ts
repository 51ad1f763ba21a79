import { afterAll, beforeAll } from '@jest/globals';
import {
  startLab,
  type Lab,
  type StartedLab,
  type StartOptions,
  type Topology,
  type TopologyFile,
} from '../../lab/library';

import { tellOfLab, tellWith } from './tell-of-lab';

declare global {
  /** Called by Jest's environment (test/environment.mjs) with what a test threw, before what stands behind the test runs. */
  var onFailure: ((failure: unknown) => Promise<void>) | undefined;
}

/** A lab that all tests of a block break and mend in turn. */
export function sharedLab(
  topology: Topology | TopologyFile,
  name: string,
  options: Pick<StartOptions, 'bare' | 'folder'> = {},
): () => Lab {
  let lab: StartedLab | undefined;
  beforeAll(async () => {
    lab = await startLab(topology, { name, ...options });
    globalThis.onFailure = async (failure) => lab && tellWith(failure, await tellOfLab(lab));
  });
  afterAll(() => lab?.down());
  return () => lab!;
}

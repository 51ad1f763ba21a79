/** Whether a topology can stand on the engines that there are: asked before anything of it is started. */
import { enginesUsed } from '../../plan/placement';
import { servicesOf } from '../../plan/services';
import type { Topology } from '../../topology/types';
import { engineNamed, engines } from '../docker/connection';
import { LabError } from '../docker/errors';
import { assertFit } from '../labs/fit';
import { assertSwarm } from '../labs/swarm';

/**
 * @param topology with the engine of each node
 * @throws LabError `ENGINE_UNKNOWN`, `SWARM_MISSING`, `COMPONENTS_UNUSABLE`, `SERVICE_FAILED`, `ENGINE_UNSUPPORTED`
 */
export async function assertEngines(topology: Topology, hasComponents: boolean): Promise<void> {
  enginesUsed(topology).forEach(engineNamed);
  if (engines().length < 2) return;
  if (hasComponents)
    throw new LabError(
      'COMPONENTS_UNUSABLE',
      'Other programs than ours can be had on one engine only: their folder is on this machine.',
      'Leave --components out, or name one engine.',
    );
  const withFiles = servicesOf(topology).find(({ container }) => Object.keys(container.files).length > 0);
  if (withFiles)
    throw new LabError(
      'SERVICE_FAILED',
      `${withFiles.service} of ${withFiles.node} has files of this machine, which other engines do not have.`,
      'Build them into its image, or name one engine.',
    );
  await assertFit(enginesUsed(topology).map(engineNamed));
  await assertSwarm(topology);
}

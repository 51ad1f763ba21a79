/** Whether a topology can stand on the engines that there are: asked before anything of it is started. */
import { enginesOn, enginesUsed } from '../../plan/placement';
import { servicesOf } from '../../plan/services';
import { isSpanned } from '../../plan/networks/spanned';
import { machinesIn } from '../../topology/machines';
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
  const machines = [...machinesIn(topology).keys()];
  if (hasComponents && machines.length > 0)
    throw new LabError(
      'COMPONENTS_UNUSABLE',
      `Other programs than ours can be had in containers only: ${machines.join(' and ')} would not have them.`,
      'Leave --components out.',
    );
  const spanned = Object.keys(topology.networks).find(
    (name) => topology.networks[name]!.device !== undefined && isSpanned(topology, name),
  );
  if (spanned !== undefined)
    throw new LabError(
      'ENGINE_UNKNOWN',
      `Network ${spanned} is its machines' own, and nodes on it are on ${enginesOn(topology, spanned).join(' and ')}: a device is one engine's.`,
      "Put the nodes that are containers on one engine: on: 'a'.",
    );
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

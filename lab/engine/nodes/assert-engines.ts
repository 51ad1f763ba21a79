/** Whether a topology can stand on the engines that there are: asked before anything of it is started. */
import { enginesOn, enginesUsed } from '../../plan/placement';
import { servicesOf } from '../../plan/services';
import type { Topology } from '../../topology/types';
import { engineNamed, engines } from '../docker/connection';
import { LabError } from '../docker/errors';

interface SwarmInfo {
  /** It is a manager. */
  readonly ControlAvailable?: boolean;
  readonly LocalNodeState?: string;
}

/**
 * @param topology with the engine of each node
 * @throws LabError `ENGINE_UNKNOWN`, `SWARM_MISSING`, `COMPONENTS_UNUSABLE`, `SERVICE_FAILED`
 */
export async function assertEngines(topology: Topology, hasComponents: boolean): Promise<void> {
  const used = enginesUsed(topology).map(engineNamed);
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
  if (!Object.keys(topology.networks).some((name) => enginesOn(topology, name).length > 1)) return;
  await Promise.all([
    assertInSwarm(engines()[0]!.name, true),
    ...used.map(({ name }) => assertInSwarm(name, false)),
  ]);
}

async function assertInSwarm(name: string, asManager: boolean): Promise<void> {
  const { address, api } = engineNamed(name);
  const { Swarm } = (await api.info()) as { Swarm?: SwarmInfo };
  const isIn = asManager ? Swarm?.ControlAvailable === true : Swarm?.LocalNodeState === 'active';
  if (isIn) return;
  throw new LabError(
    'SWARM_MISSING',
    `A network spans engines, and ${name} is ${asManager ? 'no manager of a swarm' : 'in no swarm'}.`,
    asManager
      ? `docker -H ${address} swarm init --advertise-addr <its address>`
      : `docker -H ${address} swarm join --token <token> <address of the first>:2377`,
  );
}

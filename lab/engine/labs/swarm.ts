/** The swarm whose overlays span engines: asked for before anything starts, and made and taken away only where that was wished. */
import { enginesUsed } from '../../plan/placement';
import { isSpanned } from '../../plan/networks/spanned';
import type { Topology } from '../../topology/types';
import { engineNamed, engines, type Engine } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import type { Progress } from '../docker/progress';

const PORT = 2377;

interface SwarmInfo {
  readonly NodeAddr?: string;
  /** It is a manager. */
  readonly ControlAvailable?: boolean;
  readonly LocalNodeState?: string;
}

const swarmOf = async ({ api }: Engine): Promise<SwarmInfo> =>
  ((await api.info()) as { Swarm?: SwarmInfo }).Swarm ?? {};

/** Whether some network needs one. @param topology with the engine of each node */
const isNeeded = (topology: Topology): boolean =>
  Object.keys(topology.networks).some((name) => isSpanned(topology, name));

/** The first is where networks are made. */
const enginesOf = (topology: Topology): Engine[] => [
  ...new Set([engines()[0]!, ...enginesUsed(topology).map(engineNamed)]),
];

/** @throws LabError `SWARM_MISSING` where a network spans engines that are in no swarm */
export async function assertSwarm(topology: Topology): Promise<void> {
  if (!isNeeded(topology)) return;
  for (const [place, engine] of enginesOf(topology).entries()) {
    const { ControlAvailable = false, LocalNodeState, NodeAddr = '' } = await swarmOf(engine);
    const { name, address } = engine;
    if (place === 0 ? ControlAvailable : LocalNodeState === 'active') {
      if (!NodeAddr.includes(':')) continue;
      // Docker's overlays carry nothing over IPv6 in 20.10; of later ones nothing has been proven.
      throw new LabError(
        'SWARM_MISSING',
        `A network spans engines, and ${name} is in its swarm by an address of IPv6, ${NodeAddr}: tunnels need IPv4 between machines.`,
        `docker -H ${address} swarm leave, then join again with --advertise-addr <its IPv4 address>`,
      );
    }
    throw new LabError(
      'SWARM_MISSING',
      `A network spans engines, and ${name} is ${place === 0 ? 'no manager of a swarm' : 'in no swarm'}.`,
      place === 0
        ? `docker -H ${address} swarm init --advertise-addr <its address>, or let the lab do it: --init-swarm`
        : `docker -H ${address} swarm join --token <token> <address of the first>:${PORT}, or let the lab do it: --init-swarm`,
    );
  }
}

/**
 * Brings engines into a swarm that are in none; those that are in one stay as they are.
 *
 * @returns the names of those that were brought in; nobody is where this rejects
 * @throws LabError `SWARM_MISSING`
 */
export async function makeSwarm(topology: Topology, progress: Progress): Promise<string[]> {
  if (!isNeeded(topology)) return [];
  const [first, ...others] = enginesOf(topology);
  const brought: string[] = [];
  const isOut = async (engine: Engine): Promise<boolean> =>
    (await swarmOf(engine)).LocalNodeState === 'inactive';
  try {
    if (await isOut(first!)) {
      await progress.step(`make ${first!.name} the manager of a swarm`, () =>
        first!.api.swarmInit({ ListenAddr: `0.0.0.0:${PORT}` }),
      );
      brought.push(first!.name);
    }
    for (const engine of others) {
      if (!(await isOut(engine))) continue;
      await progress.step(`bring ${engine.name} into the swarm of ${first!.name}`, () =>
        join(engine, first!),
      );
      brought.push(engine.name);
    }
    return brought;
  } catch (cause) {
    await leaveSwarm(brought, progress);
    const mend =
      'Make the swarm by hand: docker swarm init --advertise-addr <address>, and docker swarm join.';
    throw new LabError('SWARM_MISSING', `No swarm can be made: ${reasonOf(cause)}`, mend, { cause });
  }
}

async function join({ api }: Engine, manager: Engine): Promise<void> {
  const [{ JoinTokens }, { NodeAddr }] = await Promise.all([
    manager.api.swarmInspect() as Promise<{ JoinTokens: { Worker: string } }>,
    swarmOf(manager),
  ]);
  await api.swarmJoin({
    ListenAddr: `0.0.0.0:${PORT}`,
    RemoteAddrs: [`${NodeAddr}:${PORT}`],
    JoinToken: JoinTokens.Worker,
  });
}

/** @param names of engines that a lab brought in: the first was its manager, and goes last */
export async function leaveSwarm(names: readonly string[], progress: Progress): Promise<void> {
  for (const name of names.toReversed())
    await progress.step(`have ${name} leave the swarm`, () =>
      engineNamed(name).api.swarmLeave({ force: true }),
    );
}

/** What is under a network that spans engines: which port of a machine its tunnels leave by, and how they are numbered. */
import type { Engine } from '../docker/connection';
import { LabError } from '../docker/errors';
import { labels } from '../docker/labels';
import type { FoundLab } from '../labs/find';
import { deviceAt, devicesOf } from '../commands/devices';
import type { LabNode, Vantage } from '../commands/lab';

/** Docker's option of an overlay: the numbers of its tunnels, of which it has one for each subnet of IPv4. */
const NUMBERS = 'com.docker.network.driver.overlay.vxlanid_list';

/** @param host the pseudo-node of the engine's machine @throws LabError `STEP_FAILED` */
export async function tunnelsOf(
  { name, networks }: FoundLab,
  network: string,
  engine: Engine,
  host: LabNode,
): Promise<Pick<Vantage, 'device' | 'tunnels'>> {
  const overlay = networks.find(({ Labels }) => Labels?.[labels.network] === network);
  const number = Number(overlay?.Options?.[NUMBERS]?.split(',')[0] ?? NaN);
  const { Swarm } = (await engine.api.info()) as { Swarm?: { NodeAddr?: string } };
  const device = deviceAt(await devicesOf(host), Swarm?.NodeAddr);
  if (device && Number.isInteger(number)) return { device: device.ifname, tunnels: number };
  throw new LabError(
    'STEP_FAILED',
    `The tunnels of network ${network} of lab ${name} are not to be found on ${engine.name}.`,
    'Make the lab anew: lab down, then lab up.',
  );
}

/** A lab's networks: fixed subnets, cut off from the world. */
import { routedNetworks } from '../../topology/ways';
import { docker } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { networkName } from '../docker/names';

/** Puts a node on a second network, at an address. */
export async function joinNetwork(
  { name }: LabIdentity,
  network: string,
  container: string,
  address: string,
): Promise<void> {
  await docker()
    .getNetwork(networkName(name, network))
    .connect({ Container: container, EndpointConfig: { IPAMConfig: { IPv4Address: address } } });
}

export async function leaveNetwork({ name }: LabIdentity, network: string, container: string): Promise<void> {
  await docker().getNetwork(networkName(name, network)).disconnect({ Container: container, Force: true });
}

/** @param image of the nodes */
export async function createNetwork(lab: LabIdentity, name: string, image: string): Promise<void> {
  const { subnet, internal } = lab.topology.networks[name]!;
  const options = {
    Name: networkName(lab.name, name),
    Driver: 'bridge',
    Internal: internal,
    CheckDuplicate: true,
    IPAM: { Config: [{ Subnet: subnet }] },
    Labels: {
      ...labelsOf(lab),
      [labels.network]: name,
      ...(routedNetworks(lab.topology).includes(name) && { [labels.forwarding]: image }),
    },
  };
  try {
    await docker().createNetwork(options);
  } catch (cause) {
    const reason = reasonOf(cause);
    if (reason.includes('already exists'))
      throw new LabError('NAME_TAKEN', `${options.Name} was made a moment ago.`, 'Try again.', { cause });
    if (!reason.includes('overlaps')) throw cause;
    throw new LabError('SUBNET_TAKEN', `Subnet ${subnet} was taken a moment ago.`, 'Try again.', { cause });
  }
}

/** A lab's networks: fixed subnets, cut off from the world. */
import type { Container, EndpointSettings } from 'dockerode';
import { routedNetworks } from '../../topology/ways';
import { docker } from '../docker/connection';
import { LabError, reasonOf } from '../docker/errors';
import { labels, labelsOf, type LabIdentity } from '../docker/labels';
import { networkName } from '../docker/names';

/** Of a node on a network. */
export interface NetworkAddresses {
  readonly address: string;
  readonly address6?: string | undefined;
}

/** As the engine is told them. */
export const endpointAt = ({ address, address6 }: NetworkAddresses): EndpointSettings => ({
  IPAMConfig: { IPv4Address: address, ...(address6 !== undefined && { IPv6Address: address6 }) },
});

/** Puts a node on a second network, at an address. */
export async function joinNetwork(
  { name }: LabIdentity,
  network: string,
  container: Container,
  at: NetworkAddresses,
): Promise<void> {
  await docker()
    .getNetwork(networkName(name, network))
    .connect({ Container: container.id, EndpointConfig: endpointAt(at) });
}

export async function leaveNetwork(
  { name }: LabIdentity,
  network: string,
  container: Container,
): Promise<void> {
  await docker().getNetwork(networkName(name, network)).disconnect({ Container: container.id, Force: true });
}

/** @param image of the nodes */
export async function createNetwork(lab: LabIdentity, name: string, image: string): Promise<void> {
  const { subnet, subnet6, internal } = lab.topology.networks[name]!;
  const subnets = subnet6 === undefined ? [subnet] : [subnet, subnet6];
  const options = {
    Name: networkName(lab.name, name),
    Driver: 'bridge',
    Internal: internal,
    CheckDuplicate: true,
    EnableIPv6: subnet6 !== undefined,
    IPAM: { Config: subnets.map((one) => ({ Subnet: one })) },
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
    throw new LabError(
      'SUBNET_TAKEN',
      `Subnet ${subnets.join(' or ')} was taken a moment ago.`,
      'Try again.',
      {
        cause,
      },
    );
  }
}

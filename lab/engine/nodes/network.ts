/** A lab's networks: fixed subnets, cut off from the world. */
import type { Container, EndpointSettings } from 'dockerode';
import type { Topology } from '../../topology/types';
import { routedNetworks } from '../../topology/ways';
import { enginesOn } from '../../plan/placement';
import { engineOf } from '../docker/connection';
import { engineForNetwork } from '../labs/engine-for';
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
  await engineOf(container)
    .api.getNetwork(networkName(name, network))
    .connect({ Container: container.id, EndpointConfig: endpointAt(at) });
}

export async function leaveNetwork(
  { name }: LabIdentity,
  network: string,
  container: Container,
): Promise<void> {
  await engineOf(container)
    .api.getNetwork(networkName(name, network))
    .disconnect({ Container: container.id, Force: true });
}

function driverOf(topology: Topology, name: string) {
  const { device } = topology.networks[name]!;
  if (device !== undefined) return { Driver: 'macvlan', Options: { parent: device } };
  return enginesOn(topology, name).length > 1
    ? { Driver: 'overlay', Attachable: true }
    : { Driver: 'bridge' };
}

/** @param image of the nodes */
export async function createNetwork(lab: LabIdentity, name: string, image: string): Promise<void> {
  const { subnet, subnet6, internal, device } = lab.topology.networks[name]!;
  const subnets = subnet6 === undefined ? [subnet] : [subnet, subnet6];
  const options = {
    Name: networkName(lab.name, name),
    ...driverOf(lab.topology, name),
    // With a device of its own nobody is cut off by it, but given no way to others.
    Internal: internal || device !== undefined,
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
    await engineForNetwork(lab, name).api.createNetwork(options);
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

/** A lab's networks: fixed subnets, cut off from the world. */
import type { Container, EndpointSettings } from 'dockerode';
import type { Topology } from '../../topology/types';
import { routedNetworks } from '../../topology/ways';
import { isSpanned, rangeFor } from '../../plan/networks/spanned';
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

/** Of a network that spans engines the engine knows no IPv6 (lab/engine/nodes/addresses6.ts). */
export const endpointIn = (
  { topology }: LabIdentity,
  network: string,
  { address, address6 }: NetworkAddresses,
): EndpointSettings => endpointAt(isSpanned(topology, network) ? { address } : { address, address6 });

/** Puts a node on a second network, at an address. */
export async function joinNetwork(
  lab: LabIdentity,
  network: string,
  container: Container,
  at: NetworkAddresses,
): Promise<void> {
  await engineOf(container)
    .api.getNetwork(networkName(lab.name, network))
    .connect({ Container: container.id, EndpointConfig: endpointIn(lab, network, at) });
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
  return isSpanned(topology, name) ? { Driver: 'overlay', Attachable: true } : { Driver: 'bridge' };
}

/** What an overlay takes for itself. */
function takenIn({ topology }: LabIdentity, name: string): { IPRange?: string } {
  const range = isSpanned(topology, name) ? rangeFor(topology, name) : undefined;
  return range === undefined ? {} : { IPRange: range };
}

/** @param image of the nodes */
export async function createNetwork(lab: LabIdentity, name: string, image: string): Promise<void> {
  const { subnet, subnet6: wanted6, internal, device } = lab.topology.networks[name]!;
  // From a pool of IPv6 a swarm may take addresses that its engines then refuse.
  const subnet6 = isSpanned(lab.topology, name) ? undefined : wanted6;
  const subnets = subnet6 === undefined ? [subnet] : [subnet, subnet6];
  const options = {
    Name: networkName(lab.name, name),
    ...driverOf(lab.topology, name),
    // With a device of its own nobody is cut off by it, but given no way to others.
    Internal: internal || device !== undefined,
    CheckDuplicate: true,
    EnableIPv6: subnet6 !== undefined,
    IPAM: { Config: subnets.map((one) => ({ Subnet: one, ...(one === subnet && takenIn(lab, name)) })) },
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

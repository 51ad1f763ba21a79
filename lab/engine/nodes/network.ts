/** A lab's networks: fixed subnets, cut off from the world. */
import type { Container, EndpointSettings } from 'dockerode';
import { parseSubnet } from '../../topology/addresses';
import { routedNetworks } from '../../topology/ways';
import { isSpanned, rangeFor } from '../../plan/spanned';
import { engineOf } from '../docker/connection';
import { engineForNetwork } from '../labs/engine-for';
import { LabError, reasonOf } from '../docker/errors';
import { exec } from './exec';
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

/** What an overlay takes for itself. */
function takenIn({ topology }: LabIdentity, name: string): { IPRange?: string } {
  const range = isSpanned(topology, name) ? rangeFor(topology, name) : undefined;
  return range === undefined ? {} : { IPRange: range };
}

/** An overlay gives IPv6 addresses of its own choice: on one, a node takes that of the topology by itself. */
export async function takeAddress6(
  { topology }: LabIdentity,
  network: string,
  container: Container,
  { address, address6 }: NetworkAddresses,
): Promise<void> {
  if (address6 === undefined || !isSpanned(topology, network)) return;
  const { prefix } = parseSubnet(topology.networks[network]!.subnet6!)!;
  const argv = ['sh', '-c', TAKE, 'sh', address, `${address6}/${prefix}`];
  const { exitCode, stderr } = await exec(container, argv);
  if (exitCode !== 0)
    throw new Error(`${address6} cannot be taken on network ${network}: ${stderr.toString().trim()}`);
}

/** On the device that has the IPv4 address. */
const TAKE = `device=$(ip -o -4 address show to "$1" | sed 's/^[0-9]*: *\\([^ ]*\\).*/\\1/')
ip -6 address flush dev "$device" scope global && ip -6 address add "$2" dev "$device" nodad`;

/** @param image of the nodes */
export async function createNetwork(lab: LabIdentity, name: string, image: string): Promise<void> {
  const { subnet, subnet6, internal } = lab.topology.networks[name]!;
  const subnets = subnet6 === undefined ? [subnet] : [subnet, subnet6];
  const options = {
    Name: networkName(lab.name, name),
    ...(isSpanned(lab.topology, name) ? { Driver: 'overlay', Attachable: true } : { Driver: 'bridge' }),
    Internal: internal,
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

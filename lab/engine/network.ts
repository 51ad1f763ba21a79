/** A lab's networks: fixed subnets, cut off from the world. */
import { docker } from './docker';
import { labels, labelsOf, type LabIdentity } from './labels';
import { networkName } from './names';

export async function createNetwork(lab: LabIdentity, name: string): Promise<void> {
  const { subnet, internal } = lab.topology.networks[name]!;
  await docker().createNetwork({
    Name: networkName(lab.name, name),
    Driver: 'bridge',
    Internal: internal,
    CheckDuplicate: true,
    IPAM: { Config: [{ Subnet: subnet }] },
    Labels: { ...labelsOf(lab), [labels.network]: name },
  });
}

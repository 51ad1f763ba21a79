/** IPv6 on networks that span engines: their overlays know of IPv4 only, and nobody can be asked for there. */
import type { Container } from 'dockerode';
import { isSpanned } from '../../plan/networks/spanned';
import { parseSubnet } from '../../topology/addresses';
import type { Topology } from '../../topology/types';
import { footholdsOf, type Foothold } from '../../topology/ways';
import type { LabIdentity } from '../docker/labels';
import { deviceAt, type Device } from '../commands/devices';
import { exec } from '../commands/exec';
import { setKernelParameter } from './kernel-parameter';
import type { NetworkAddresses } from './network';

/** A node takes its address by itself. */
export async function takeAddress6(
  { name, topology }: LabIdentity,
  network: string,
  node: NamedContainer,
  { address, address6 }: NetworkAddresses,
): Promise<void> {
  if (address6 === undefined || !isSpanned(topology, network)) return;
  const { prefix } = parseSubnet(topology.networks[network]!.subnet6!)!;
  const { ifname } = await deviceOf(node.container, address);
  // The engine has turned it off on a device of a network without it.
  await setKernelParameter(name, node.name, `net.ipv6.conf.${ifname}.disable_ipv6`, '0');
  await run(node.container, ['ip', '-6', 'address', 'add', `${address6}/${prefix}`, 'dev', ifname, 'nodad']);
}

export interface NamedContainer {
  readonly name: string;
  readonly container: Container;
}

/** The node knows the others for good. */
export async function introduce(
  { topology }: LabIdentity,
  network: string,
  node: NamedContainer,
  others: readonly NamedContainer[],
): Promise<void> {
  const own = await deviceOf(node.container, footholdOn(topology, network, node.name).address);
  for (const { name, container } of others) {
    const { address, address6 } = footholdOn(topology, network, name);
    const { address: hardware } = await deviceOf(container, address);
    const neighbour = [address6!, 'lladdr', hardware, 'dev', own.ifname, 'nud', 'permanent'];
    await run(node.container, ['ip', '-6', 'neighbour', 'replace', ...neighbour]);
  }
}

const footholdOn = ({ nodes }: Topology, network: string, name: string): Foothold =>
  footholdsOf(nodes[name]!).find((foothold) => foothold.network === network)!;

async function deviceOf(container: Container, address: string): Promise<Device> {
  const devices = JSON.parse((await run(container, ['ip', '-j', 'address'])).toString()) as readonly Device[];
  const device = deviceAt(devices, address);
  if (device) return device;
  throw new Error(`no device has the address ${address}`);
}

async function run(container: Container, argv: readonly string[]): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await exec(container, argv);
  if (exitCode === 0) return stdout;
  throw new Error(`\`${argv.join(' ')}\` ended with exit status ${exitCode}: ${stderr.toString().trim()}`);
}

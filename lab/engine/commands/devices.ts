/** Which devices a node has, and at which addresses. */
import type { LabNode } from './lab';

/** As `ip -j address` prints it. */
export interface Device {
  readonly ifname: string;
  /** Hardware address. */
  readonly address: string;
  readonly addr_info: readonly { readonly local?: string; readonly scope?: string }[];
}

export async function devicesOf(node: LabNode): Promise<readonly Device[]> {
  const { stdout } = await node.exec(['ip', '-j', 'address']);
  return JSON.parse(stdout.toString()) as readonly Device[];
}

/** The one that has this address. */
export const deviceAt = (devices: readonly Device[], address: string | undefined): Device | undefined =>
  devices.find(({ addr_info }) => addr_info.some(({ local }) => local === address));

/** IPv4 addresses and subnets as numbers: host order, 32 bits, unsigned. */
import { formatAddress, parseAddress } from '../../src/wire/address/address';

export { formatAddress, parseAddress };

export interface Subnet {
  /** Host order, the lowest address. */
  readonly base: number;
  /** Bits of the network part. */
  readonly prefix: number;
}

/** The subnet; undefined when the text is not CIDR or has bits set in its host part. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, prefix, ...rest] = text.split('/');
  const base = parseAddress(address ?? '');
  const bits = /^\d{1,2}$/.test(prefix ?? '') ? Number(prefix) : NaN;
  if (base === undefined || rest.length > 0 || !(bits <= 32)) return undefined;
  const subnet = { base, prefix: bits };
  return base % sizeOf(subnet) === 0 ? subnet : undefined;
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${subnet.prefix}`;
}

/** How many addresses there are in a subnet. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

/** The highest address, which means everybody. */
export function broadcastOf(subnet: Subnet): number {
  return subnet.base + sizeOf(subnet) - 1;
}

/** The first address; Docker keeps it for the bridge, also on internal networks. */
export function gatewayOf(subnet: Subnet): number {
  return subnet.base + 1;
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.base && address <= broadcastOf(subnet);
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return a.base <= broadcastOf(b) && b.base <= broadcastOf(a);
}

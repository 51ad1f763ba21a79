/** IPv4 addresses and subnets as numbers: host order, 32 bits, unsigned. */

export interface Subnet {
  /** Host order, the lowest address. */
  readonly base: number;
  /** Bits of the network part. */
  readonly prefix: number;
}

const dottedQuad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The address as a number; undefined when the text is not a dotted quad. */
export function parseAddress(text: string): number | undefined {
  const match = dottedQuad.exec(text);
  if (!match) return undefined;
  const octets = match.slice(1).map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
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

/**
 * Addresses and subnets of both families that can be counted through: an address is its place among all of 128 bits, where
 * IPv4 is mapped into IPv6 (RFC 4291, section 2.5.5.2).
 */
import {
  formatAddress,
  formatIpv6,
  parseAddress,
  parseIpv6,
  type Family,
} from '../../src/wire/address/address';

export type { Family };

/** 0 to 2^128 - 1. */
export type Place = bigint;

export interface Subnet {
  /** The lowest address. */
  readonly base: Place;
  /** Bits of the network part, as they are written: 0 to 32 of IPv4, 0 to 128 of IPv6. */
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const FIRST_IPV4 = 0xffffn << 32n;

export const familyAt = (place: Place): Family => (place >> 32n === 0xffffn ? 4 : 6);

/** Undefined when the text is not an address of either family. */
export function placeOf(text: string): Place | undefined {
  if (!text.includes(':')) {
    const address = parseAddress(text);
    return address === undefined ? undefined : FIRST_IPV4 + BigInt(address);
  }
  const bytes = parseIpv6(text);
  return bytes && BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Dotted decimal, or as RFC 5952 wants it. */
export function addressAt(place: Place): string {
  if (familyAt(place) === 4) return formatAddress(Number(place - FIRST_IPV4));
  return formatIpv6(Buffer.from(place.toString(16).padStart(32, '0'), 'hex'), 0);
}

/** Undefined where there is no address at all. */
export function familyIn(text: string): Family | undefined {
  const place = placeOf(text.replace(/\/.*/, ''));
  return place === undefined ? undefined : familyAt(place);
}

/** The subnet; undefined when the text is not CIDR or has bits set in its host part. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, prefix, ...rest] = text.split('/');
  const base = placeOf(address ?? '');
  const bits = /^\d{1,3}$/.test(prefix ?? '') ? Number(prefix) : NaN;
  if (base === undefined || rest.length > 0 || !(bits <= BITS[familyAt(base)])) return undefined;
  const subnet = { base, prefix: bits };
  return (base - originOf(base)) % sizeOf(subnet) === 0n ? subnet : undefined;
}

export function formatSubnet(subnet: Subnet): string {
  return `${addressAt(subnet.base)}/${subnet.prefix}`;
}

/** The subnet of one address. */
export const subnetOfOne = (address: string): string => `${address}/${BITS[familyIn(address) ?? 4]}`;

/** The subnet that an address is in. */
export function subnetAround(place: Place, prefix: number): Subnet {
  const origin = originOf(place);
  return { base: place - ((place - origin) % sizeOf({ base: place, prefix })), prefix };
}

/** How many addresses there are in a subnet. */
export function sizeOf({ base, prefix }: Subnet): bigint {
  return 1n << BigInt(BITS[familyAt(base)] - prefix);
}

export const highestIn = (subnet: Subnet): Place => subnet.base + sizeOf(subnet) - 1n;

/** The first address; Docker keeps it for the bridge, also on internal networks. */
export function gatewayOf(subnet: Subnet): Place {
  return subnet.base + 1n;
}

export function contains(subnet: Subnet, place: Place | undefined): boolean {
  return place !== undefined && place >= subnet.base && place <= highestIn(subnet);
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return a.base <= highestIn(b) && b.base <= highestIn(a);
}

/** Where the family begins. */
const originOf = (place: Place): Place => (familyAt(place) === 4 ? FIRST_IPV4 : 0n);

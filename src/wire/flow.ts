/** Endpoints (address and port) as numbers that can be map keys. */
import { formatAddress, isIpv6, parseAddress, type Address } from './address/address';

export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

/** An endpoint as one number: address * 2^16 + port. */
export type EndpointKey = number;
/** All are below: what is left of the 53 bits of a number is free for whoever has more to say in it. */
export const ENDPOINT_KEYS = 2 ** 49;

export const endpointKey = (address: Address, port: number): EndpointKey => address * 0x10000 + port;
export const endpointAddress = (key: EndpointKey): Address => Math.floor(key / 0x10000);
export const endpointPort = (key: EndpointKey): number => key % 0x10000;

/** `198.18.0.1:80`, `[2001:2::1]:80`. */
export const formatEndpoint = (address: Address, port: number): string =>
  isIpv6(address) ? `[${formatAddress(address)}]:${port}` : `${formatAddress(address)}:${port}`;

/** An address that stands alone: one of IPv6 needs no brackets then, and may have them. Undefined for what is none. */
export const parseHost = (text: string): Address | undefined =>
  parseAddress(/^\[(.*:.*)\]$/.exec(text)?.[1] ?? text);

/** What stands before and behind the colon in `198.18.0.1:80`, `[2001:2::1]:80`; undefined where the text has no such form. */
export function splitHost(text: string): { readonly host: string; readonly behind: string } | undefined {
  const [, ipv6, ipv4, behind] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text) ?? [];
  return behind === undefined ? undefined : { host: ipv6 ?? ipv4!, behind };
}

/** 1 to 65535, or undefined. */
export function parsePort(text: string): number | undefined {
  if (!/^[1-9]\d{0,4}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 0xffff ? port : undefined;
}

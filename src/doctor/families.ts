/** Families of addresses that are text here, and what iproute2 is called for each. */
import type { Family } from '../wire/address/address';

/** @param address without port and brackets */
export const familyOfText = (address: string): Family => (address.includes(':') ? 6 : 4);

export const ofFamily = (family: Family, addresses: readonly string[]): string[] =>
  addresses.filter((address) => familyOfText(address) === family);

export const ipOf = (family: Family): string => (family === 6 ? 'ip -6' : 'ip');

/** Behind "port 8080": IPv4 goes without saying. */
export const over = (family: Family): string => (family === 6 ? ' over IPv6' : '');

/** `198.18.10.20:80`, `[2001:2::20]:80`. */
export const endpointText = (address: string, port: number): string =>
  familyOfText(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;

/** @param text as `endpointText` writes it */
export function readEndpoint(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}

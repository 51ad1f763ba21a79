/** Addresses and ports as people write them: `198.18.10.20:80`, `[2001:2::20]:80`. */
import { formatAddress, isIpv6, isLinkLocal, parseAddress, type Address } from '../../wire/address/address';

/** A host in a regular expression: an IPv6 address stands in brackets where a port may follow. */
export const HOST = String.raw`\[[^\]]*\]|[^:@\-[\],]+`;

/** @param text of an address, in brackets or not @returns the address, or what is wrong with it */
export function readHost(text: string): Address | string {
  const inside = /^\[(.*)\]$/.exec(text)?.[1];
  if ((inside ?? text).includes('%'))
    return `${JSON.stringify(text)} has a zone: an address of one link only cannot be copied from or to`;
  const address = parseAddress(inside ?? text);
  if (inside !== undefined && address !== undefined && !isIpv6(address))
    return `${JSON.stringify(text)} is an address of IPv4: write ${formatAddress(address)}`;
  if (address === undefined || isIpv6(address) !== (inside !== undefined))
    return `${JSON.stringify(text)} is no IP address (one of IPv6 stands in brackets: [2001:2::20])`;
  if (isLinkLocal(address))
    return `${JSON.stringify(text)} is an address of one link only (fe80::/10): name one that is valid beyond it`;
  return address;
}

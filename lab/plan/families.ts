/** What is typed otherwise for IPv6 than for IPv4. */
import { isIPv6 } from 'node:net';
import type { Family } from '../topology/addresses';

export type { Family };

export const iptablesOf = (family: Family): 'iptables' | 'ip6tables' =>
  family === 4 ? 'iptables' : 'ip6tables';

/** Of a range or an address; iproute2 tells by it which family is meant, where the rest of the line does not. */
export const familyOfText = (text: string): Family => (isIPv6(text.replace(/\/.*/, '')) ? 6 : 4);

/** `ip`, for what names no address. */
export const ipOf = (family: Family): string[] => (family === 4 ? ['ip'] : ['ip', '-6']);

/** As it stands before a port, or in a URL (RFC 3986, section 3.2.2). */
export const hostText = (address: string): string => (isIPv6(address) ? `[${address}]` : address);

/** Nobody has an address of it (RFC 6666, "Discard-Only"): the proof of the guard is sent there. */
export const DISCARD_ONLY = '100::/64';

/** Who is on a link (RFC 4291, section 2.7.1): IPv6 has no broadcasts. */
export const ALL_NODES = 'ff02::1';

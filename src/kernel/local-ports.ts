/** Which ports the kernel gives to programs that ask for none: ip_local_port_range (ip-sysctl in its documentation). */
import { readFileSync } from 'node:fs';

const SETTING = '/proc/sys/net/ipv4/ip_local_port_range';

/** Both ends included; undefined when the kernel does not tell. */
export function localPortRange(
  path = SETTING,
): { readonly first: number; readonly last: number } | undefined {
  try {
    const [first, last] = readFileSync(path, 'utf8').trim().split(/\s+/).map(Number);
    return first! > 0 && last! >= first! ? { first: first!, last: last! } : undefined;
  } catch {
    return undefined;
  }
}

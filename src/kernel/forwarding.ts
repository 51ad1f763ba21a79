/** Whether this machine lets packets on that are not for itself. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Family } from '../wire/address/address';

const SETTINGS = '/proc/sys/net';

/**
 * The settings by which it does, as sysctl(8) writes them. IPv4: `net.ipv4.ip_forward`, and that of each device, which decides
 * in the end about what comes in there. IPv6: that for all devices, which decides alone but for `force_forwarding` of
 * a device (Linux 6.17). Empty when nothing is let on.
 *
 * @throws the system's error when the kernel does not tell
 */
export function forwardingSettings(family: Family, settings = SETTINGS): string[] {
  const directory = `${settings}/ipv${family}`;
  // A kernel without IPv6 lets nothing of it on.
  if (family === 6 && !existsSync(directory)) return [];
  const devices = readdirSync(`${directory}/conf`).filter((name) => name !== 'default' && name !== 'all');
  const paths =
    family === 4
      ? ['ip_forward', ...devices.map((device) => `conf/${device}/forwarding`)]
      : ['conf/all/forwarding', ...devices.map((device) => `conf/${device}/force_forwarding`)];
  return paths
    .filter((path) => isOn(`${directory}/${path}`))
    .map((path) => `net.ipv${family}.${path.replaceAll('/', '.')}`);
}

function isOn(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').trim() !== '0';
  } catch (error) {
    // The device went away a moment ago, or the kernel has no such setting.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path.includes('/conf/')) return false;
    throw error;
  }
}

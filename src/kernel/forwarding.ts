/** Whether this machine lets packets on that are not for itself. */
import { readdirSync, readFileSync } from 'node:fs';

const IPV4_SETTINGS = '/proc/sys/net/ipv4';

/**
 * The settings by which it does, as sysctl(8) writes them: `net.ipv4.ip_forward`, and that of each device, which decides
 * in the end about what comes in there. Empty when nothing is let on.
 *
 * @throws the system's error when the kernel does not tell
 */
export function forwardingSettings(settings = IPV4_SETTINGS): string[] {
  const devices = readdirSync(`${settings}/conf`).filter((name) => name !== 'default' && name !== 'all');
  return ['ip_forward', ...devices.map((device) => `conf/${device}/forwarding`)]
    .filter((path) => isOn(`${settings}/${path}`))
    .map((path) => `net.ipv4.${path.replaceAll('/', '.')}`);
}

function isOn(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').trim() !== '0';
  } catch (error) {
    // The device went away a moment ago.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path.includes('/conf/')) return false;
    throw error;
  }
}

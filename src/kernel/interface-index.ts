import { readFileSync } from 'node:fs';

/** The number by which the kernel knows a network device (netdevice(7)); undefined when there is no such device. */
export function interfaceIndex(device: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8'));
  } catch {
    return undefined;
  }
}

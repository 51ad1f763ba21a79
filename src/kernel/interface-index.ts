import type { Kernel } from './kernel';

/** The number by which the kernel knows a network device (netdevice(7)); undefined when there is no such device. */
export const interfaceIndex = ({ libc }: Pick<Kernel, 'libc'>, device: string): number | undefined =>
  libc.if_nametoindex(device) || undefined;

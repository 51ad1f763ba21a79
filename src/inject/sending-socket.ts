/** A socket that takes whole packets or frames to send, and receives nothing. */
import { int32 } from '../kernel/integers';
import type { Kernel } from '../kernel/kernel';
import { InjectError } from './sink';

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;

/**
 * @param name for the error, for example `raw socket`
 * @param buffer_bytes what may wait in the devices' queues
 * @returns its descriptor
 * @throws InjectError
 */
export function openSendingSocket(
  kernel: Kernel,
  domain: number,
  protocol: number,
  name: string,
  buffer_bytes: number,
): number {
  const { libc } = kernel;
  const descriptor = libc.socket(domain, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (descriptor < 0)
    throw new InjectError(`cannot open a ${name}: ${kernel.errno()}; injecting needs root or CAP_NET_RAW`);
  const size = int32(buffer_bytes);
  libc.setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, size, size.length); // what it gets without is enough to work
  return descriptor;
}

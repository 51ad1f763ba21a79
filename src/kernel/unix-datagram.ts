/** Datagrams to a socket of this machine that has a name: unix(7), of which Node has streams only. */
import type { Kernel } from './kernel';

/** linux/socket.h, linux/net.h, fcntl.h */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
/** linux/un.h: a name that does not fit is none. */
const NAME_MAX_BYTES = 108;

/**
 * Sends one, and does not wait for room.
 *
 * @param name a path, or `@` and an abstract name
 * @throws Error with the name of the system's error, for example `ENOENT`
 */
export function sendUnixDatagram(kernel: Kernel, name: string, bytes: Uint8Array): void {
  const { libc } = kernel;
  const address = unixAddress(name);
  const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw new Error(kernel.errno());
  const sent = libc.sendto(descriptor, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
  const failed = sent < 0 ? kernel.errno() : undefined;
  libc.close(descriptor);
  if (failed !== undefined) throw new Error(failed);
}

/** `struct sockaddr_un`: the family in host order, and the name; an abstract one begins with a zero byte. */
function unixAddress(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length >= NAME_MAX_BYTES) throw new Error('ENAMETOOLONG');
  if (bytes[0] === '@'.charCodeAt(0)) bytes[0] = 0;
  return Uint8Array.of(AF_UNIX, 0, ...bytes);
}

/** Injection by raw IP (raw(7), IPPROTO_RAW): whole packets, which the kernel routes and filters, one a system call. */
import { int32 } from '../kernel/integers';
import { openKernel } from '../kernel/libc';
import { writeU32 } from '../wire/big-endian';
import { InjectError, type InjectSink, type RefusalListener } from './sink';

const AF_INET = 2;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
/** IPPROTO_RAW (linux/in.h): the caller writes the IP header, and nothing is received. */
const IPPROTO_RAW = 255;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_BINDTODEVICE = 25;
const MSG_DONTWAIT = 0x40;
/** What may wait in the devices' queues. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** struct sockaddr_in (ip(7)): u16 family in host order, u16 port, u32 address, padding. */
const SOCKADDR_IN_BYTES = 16;
const ADDRESS_AT = 4;

/**
 * @param device that packets leave by; by default the kernel's choice
 * @throws InjectError, and PackageUnavailableError when koffi has no binary for this machine
 */
export function openIpSink(refused: RefusalListener, device?: string): InjectSink {
  const kernel = openKernel();
  const { libc } = kernel;
  const descriptor = libc.socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (descriptor < 0)
    throw new InjectError(`cannot open a raw socket: ${kernel.errno()}; injecting needs root or CAP_NET_RAW`);
  const size = int32(BUFFER_BYTES);
  libc.setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, size, size.length); // what it gets without is enough to work
  if (device !== undefined) {
    const name = Buffer.from(`${device}\0`);
    if (libc.setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, name.length) < 0) {
      const errno = kernel.errno();
      libc.close(descriptor);
      throw new InjectError(`cannot send on ${device}: ${errno}; see ip link`);
    }
  }
  const to = new Uint8Array(SOCKADDR_IN_BYTES);
  to[0] = AF_INET;
  return {
    description: 'raw IP socket',
    send(packet, length, destination) {
      writeU32(to, ADDRESS_AT, destination);
      while (libc.sendto(descriptor, packet, length, MSG_DONTWAIT, to, SOCKADDR_IN_BYTES) < 0) {
        const errno = kernel.errno();
        if (errno === 'EINTR') continue;
        refused(errno);
        return;
      }
    },
    flush: () => undefined,
    close: () => void libc.close(descriptor),
  };
}

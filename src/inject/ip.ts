/** Injection by raw IP (raw(7), IPPROTO_RAW): whole packets, which the kernel routes and filters, one a system call. */
import { openKernel } from '../kernel/kernel';
import { writeU32 } from '../wire/big-endian';
import { openSendingSocket, SOL_SOCKET } from './sending-socket';
import { InjectError, type InjectSink, type RefusalListener } from './sink';

const AF_INET = 2;
/** IPPROTO_RAW (linux/in.h): the caller writes the IP header, and nothing is received. */
const IPPROTO_RAW = 255;
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
  const descriptor = openSendingSocket(kernel, AF_INET, IPPROTO_RAW, 'raw socket', BUFFER_BYTES);
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

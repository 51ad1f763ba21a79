/** Injection by raw IP (raw(7), IPPROTO_RAW): whole packets, which the kernel routes and filters, one a system call. */
import { openKernel, type Kernel } from '../kernel/kernel';
import { isIpv6, writeIpv6Address } from '../wire/address/address';
import { writeU32 } from '../wire/big-endian';
import { openSendingSocket, SOL_SOCKET } from './sending-socket';
import { InjectError, type InjectSink, type RefusalListener } from './sink';

const SOCK_DGRAM = 2;
const AF_INET = 2;
const AF_INET6 = 10;
/** IPPROTO_RAW (linux/in.h): the caller writes the IP header, of either family, and nothing is received. */
const IPPROTO_RAW = 255;
const SO_BINDTODEVICE = 25;
const MSG_DONTWAIT = 0x40;
/** What may wait in the devices' queues. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** struct sockaddr_in (ip(7)): u16 family in host order, u16 port, u32 address, padding. */
const SOCKADDR_IN_BYTES = 16;
const ADDRESS_AT = 4;
/** struct sockaddr_in6 (ipv6(7)): u16 family, u16 port, u32 flow, 16 bytes address, u32 scope. */
const SOCKADDR_IN6_BYTES = 28;
const ADDRESS6_AT = 8;

interface FamilySocket {
  readonly descriptor: number;
  /** struct sockaddr: the destination is written into it. */
  readonly to: Uint8Array;
}

/**
 * @param device that packets leave by; by default the kernel's choice
 * @throws InjectError, and PackageUnavailableError when koffi has no binary for this machine
 */
export function openIpSink(refused: RefusalListener, device?: string): InjectSink {
  const kernel = openKernel();
  const { libc } = kernel;
  const ipv4 = openSocket(kernel, AF_INET, SOCKADDR_IN_BYTES, device);
  const ipv6 = hasIpv6(kernel) ? openSocket(kernel, AF_INET6, SOCKADDR_IN6_BYTES, device) : undefined;
  const send = ({ descriptor, to }: FamilySocket, packet: Uint8Array, length: number): void => {
    while (libc.sendto(descriptor, packet, length, MSG_DONTWAIT, to, to.length) < 0) {
      const errno = kernel.errno();
      if (errno === 'EINTR') continue;
      refused(errno);
      return;
    }
  };
  return {
    description: 'raw IP socket',
    send(packet, length, destination) {
      if (!isIpv6(destination)) {
        writeU32(ipv4.to, ADDRESS_AT, destination);
        send(ipv4, packet, length);
      } else if (ipv6) {
        writeIpv6Address(ipv6.to, ADDRESS6_AT, destination);
        send(ipv6, packet, length);
      } else refused('EAFNOSUPPORT');
    },
    flush: () => undefined,
    close() {
      libc.close(ipv4.descriptor);
      if (ipv6) libc.close(ipv6.descriptor);
    },
  };
}

/** A kernel may be built, or started, without it. */
function hasIpv6(kernel: Kernel): boolean {
  const { libc } = kernel;
  const descriptor = libc.socket(AF_INET6, SOCK_DGRAM, 0);
  if (descriptor < 0) return kernel.errno() !== 'EAFNOSUPPORT';
  libc.close(descriptor);
  return true;
}

function openSocket(
  kernel: Kernel,
  family: number,
  address_bytes: number,
  device: string | undefined,
): FamilySocket {
  const { libc } = kernel;
  const descriptor = openSendingSocket(kernel, family, IPPROTO_RAW, 'raw socket', BUFFER_BYTES);
  if (device !== undefined) {
    const name = Buffer.from(`${device}\0`);
    if (libc.setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, name.length) < 0) {
      const errno = kernel.errno();
      libc.close(descriptor);
      throw new InjectError(`cannot send on ${device}: ${errno}; see ip link`);
    }
  }
  const to = new Uint8Array(address_bytes);
  to[0] = family;
  return { descriptor, to };
}

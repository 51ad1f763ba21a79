/** Hears what routers say to this machine of packets that were too big for them (icmp(7), RFC 3542, section 3.2). */
import type { Kernel } from '../kernel/kernel';
import { FAMILIES, type Family } from '../wire/address/address';
import { ICMP_UNREACHABLE, ICMPV6_TOO_BIG, readTooBig, type TooBig } from '../wire/ip/too-big';
import { InjectError } from './sink';

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** More than a router sends (RFC 4443, section 2.4). */
const MESSAGE_MAX_BYTES = 2048;

interface IcmpSocket {
  readonly domain: number;
  readonly protocol: number;
  readonly level: number;
  /** Of the filter: struct icmp_filter (linux/icmp.h), struct icmp6_filter (linux/icmpv6.h); a bit that is set keeps a type out. */
  readonly words: number;
  readonly type: number;
}

/** AF_INET with IPPROTO_ICMP and SOL_RAW, AF_INET6 with IPPROTO_ICMPV6 and SOL_ICMPV6. */
const SOCKETS: Readonly<Record<Family, IcmpSocket>> = {
  4: { domain: 2, protocol: 1, level: 255, words: 1, type: ICMP_UNREACHABLE },
  6: { domain: 10, protocol: 58, level: 58, words: 8, type: ICMPV6_TOO_BIG },
};
/** ICMP_FILTER, ICMPV6_FILTER. */
const FILTER = 1;

/**
 * Messages come to the address that a packet was sent from: of copies under clients' addresses nobody hears here.
 *
 * @returns a function that ends it
 * @throws InjectError
 */
export function listenForTooBig(kernel: Kernel, heard: (told: TooBig) => void): () => void {
  const bytes = new Uint8Array(MESSAGE_MAX_BYTES);
  const ends = FAMILIES.flatMap((family) => {
    const descriptor = open(kernel, SOCKETS[family]);
    if (descriptor === undefined) return [];
    const stop = kernel.watchReadable(descriptor, () => {
      let came = 0;
      for (;;) {
        const length = kernel.libc.recv(descriptor, bytes, bytes.length, MSG_DONTWAIT);
        if (length < 0) return came;
        came += 1;
        const told = readTooBig(bytes, length, family);
        if (told) heard(told);
      }
    });
    return [() => (stop(), kernel.libc.close(descriptor))];
  });
  return () => ends.forEach((end) => end());
}

/** @returns undefined where the kernel does not have the family */
function open(kernel: Kernel, { domain, protocol, level, words, type }: IcmpSocket): number | undefined {
  const { libc } = kernel;
  const descriptor = libc.socket(domain, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (descriptor < 0) {
    const errno = kernel.errno();
    if (errno === 'EAFNOSUPPORT') return undefined;
    throw new InjectError(`cannot open a raw socket: ${errno}; injecting needs root or CAP_NET_RAW`);
  }
  const others = new Uint32Array(words).fill(0xffff_ffff);
  others[type >>> 5]! &= ~(1 << (type & 31));
  const filter = new Uint8Array(others.buffer);
  libc.setsockopt(descriptor, level, FILTER, filter, filter.length); // what it hears besides is left out when it is read
  return descriptor;
}

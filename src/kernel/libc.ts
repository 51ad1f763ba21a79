/**
 * The libc calls that are made directly, through koffi, and the memory that they fill. Linux on 64 bits, little-endian;
 * layouts and constants are those of the kernel's user-space headers.
 */
import type koffiModule from 'koffi';
import { loadOptionalPackage } from './optional-package';
import { Reactor } from './reactor';
import type { Turns } from './turns';

type Koffi = typeof koffiModule;

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(descriptor: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  bind(descriptor: number, address: Uint8Array, length: number): number;
  recvmmsg(descriptor: number, messages: unknown, count: number, flags: number, timeout: null): number;
  sendmmsg(descriptor: number, messages: unknown, count: number, flags: number): number;
  recv(descriptor: number, bytes: Uint8Array, length: number, flags: number): number;
  send(descriptor: number, bytes: Uint8Array, length: number, flags: number): number;
  sendto(
    descriptor: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  poll(descriptors: unknown, count: number, timeout_ms: number): number;
  usleep(us: number): number;
  close(descriptor: number): number;
}

export interface NativeMemory {
  /** What C calls take as `void *`. */
  readonly pointer: unknown;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  free(): void;
}

export interface Kernel {
  readonly libc: Libc;
  /** Name of the last error, for example `EAGAIN`. */
  errno(): string;
  /** @param number for example 11 */
  errnoName(number: number): string;
  allocate(length: number): NativeMemory;
  /** What is read and sent here is done in these. */
  readonly turns: Turns;
  /**
   * Calls back while the descriptor is readable; what was read at the last call is then at least a moment ago (`Reactor`).
   *
   * @param read reads what is there; @returns how much there was
   * @returns a function that ends it
   */
  watchReadable(descriptor: number, read: () => number): () => void;
}

let loaded: Kernel | undefined;

/** @throws PackageUnavailableError when koffi has no binary for this machine */
export function openKernel(): Kernel {
  loaded ??= bindKernel(loadOptionalPackage('koffi', 'nothing else') as Koffi);
  return loaded;
}

function bindKernel(koffi: Koffi): Kernel {
  const library = koffi.load('libc.so.6');
  // EAGAIN has a second name on Linux.
  const codes = Object.entries(koffi.os.errno).filter(([name]) => name !== 'EWOULDBLOCK');
  const names = new Map(codes.map(([name, number]) => [number, name]));
  const nameOf = (number: number): string => names.get(number) ?? `errno ${number}`;
  const libc: Libc = {
    socket: library.func('int socket(int, int, int)') as Libc['socket'],
    setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)') as Libc['setsockopt'],
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)') as Libc['getsockopt'],
    bind: library.func('int bind(int, const void *, uint32_t)') as Libc['bind'],
    recvmmsg: library.func('int recvmmsg(int, void *, uint32_t, int, void *)') as Libc['recvmmsg'],
    sendmmsg: library.func('int sendmmsg(int, void *, uint32_t, int)') as Libc['sendmmsg'],
    recv: library.func('intptr_t recv(int, void *, size_t, int)') as Libc['recv'],
    send: library.func('intptr_t send(int, const void *, size_t, int)') as Libc['send'],
    sendto: library.func(
      'intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)',
    ) as Libc['sendto'],
    poll: library.func('int poll(void *, unsigned long, int)') as Libc['poll'],
    usleep: library.func('int usleep(uint32_t)') as Libc['usleep'],
    close: library.func('int close(int)') as Libc['close'],
  };
  const allocate = (length: number): NativeMemory => {
    const pointer: unknown = koffi.alloc('uint8_t', length);
    const bytes = new Uint8Array(koffi.view(pointer, length));
    bytes.fill(0);
    return { pointer, address: koffi.address(pointer), bytes, free: () => koffi.free(pointer) };
  };
  const reactor = new Reactor(libc, allocate);
  return {
    libc,
    errno: () => nameOf(koffi.errno()),
    errnoName: nameOf,
    allocate,
    turns: reactor,
    watchReadable(descriptor, read) {
      const leave = reactor.add(() => descriptor, read);
      const handle = koffi.node.poll(descriptor, { readable: true }, () => reactor.stay());
      return () => {
        handle.close();
        leave();
      };
    },
  };
}

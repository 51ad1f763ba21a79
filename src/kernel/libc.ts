/**
 * The libc calls that are made directly, through koffi, and the memory that they fill. Linux on 64 bits, little-endian;
 * layouts and constants are those of the kernel's user-space headers.
 */
import type koffiModule from 'koffi';

export type Koffi = typeof koffiModule;

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
  ppoll(descriptors: unknown, count: number, timeout: unknown, signals: null): number;
  usleep(us: number): number;
  clock_gettime(clock: number, timespec: Uint8Array): number;
  close(descriptor: number): number;
  if_nametoindex(device: string): number;
  madvise(address: number, length: number, advice: number): number;
}

export interface NativeMemory {
  /** What C calls take as `void *`. */
  readonly pointer: unknown;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  free(): void;
}

export function bindLibc(koffi: Koffi): Libc {
  const library = koffi.load('libc.so.6');
  return {
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
    ppoll: library.func('int ppoll(void *, unsigned long, const void *, const void *)') as Libc['ppoll'],
    clock_gettime: library.func('int clock_gettime(int, void *)') as Libc['clock_gettime'],
    usleep: library.func('int usleep(uint32_t)') as Libc['usleep'],
    close: library.func('int close(int)') as Libc['close'],
    madvise: library.func('int madvise(uintptr_t, size_t, int)') as Libc['madvise'],
    if_nametoindex: library.func('unsigned int if_nametoindex(const char *)') as Libc['if_nametoindex'],
  };
}

/** Memory of this length in bytes, all zero. */
export function allocate(koffi: Koffi, length: number): NativeMemory {
  const pointer: unknown = koffi.alloc('uint8_t', length);
  const bytes = new Uint8Array(koffi.view(pointer, length));
  bytes.fill(0);
  return { pointer, address: koffi.address(pointer), bytes, free: () => koffi.free(pointer) };
}

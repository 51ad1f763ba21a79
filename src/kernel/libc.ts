/**
 * The libc calls that are made directly, through koffi, and the memory that they fill. Linux on 64 bits, little-endian;
 * layouts and constants are those of the kernel's user-space headers.
 */
import type koffiModule from 'koffi';
import { loadOptionalPackage } from './optional-package';

type Koffi = typeof koffiModule;

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(descriptor: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  bind(descriptor: number, address: Uint8Array, length: number): number;
  recvmmsg(descriptor: number, messages: unknown, count: number, flags: number, timeout: null): number;
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
  allocate(length: number): NativeMemory;
  /** Calls back from the event loop while the descriptor is readable. @returns a function that ends it */
  watchReadable(descriptor: number, listener: () => void): () => void;
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
  return {
    libc: {
      socket: library.func('int socket(int, int, int)') as Libc['socket'],
      setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)') as Libc['setsockopt'],
      getsockopt: library.func('int getsockopt(int, int, int, void *, void *)') as Libc['getsockopt'],
      bind: library.func('int bind(int, const void *, uint32_t)') as Libc['bind'],
      recvmmsg: library.func('int recvmmsg(int, void *, uint32_t, int, void *)') as Libc['recvmmsg'],
      close: library.func('int close(int)') as Libc['close'],
    },
    errno: () => names.get(koffi.errno()) ?? `errno ${koffi.errno()}`,
    allocate(length) {
      const pointer: unknown = koffi.alloc('uint8_t', length);
      const bytes = new Uint8Array(koffi.view(pointer, length));
      bytes.fill(0);
      return { pointer, address: koffi.address(pointer), bytes, free: () => koffi.free(pointer) };
    },
    watchReadable(descriptor, listener) {
      const handle = koffi.node.poll(descriptor, { readable: true }, listener);
      return () => handle.close();
    },
  };
}

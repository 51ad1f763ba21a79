/** This machine's kernel: libc calls, the names of errors, and turns in which to read and send. */
import { performance } from 'node:perf_hooks';
import { allocate, bindLibc, type Koffi, type Libc, type NativeMemory } from './libc';
import { loadOptionalPackage } from './optional-package';
import { Reactor } from './reactor';
import type { Turns } from './turns';

const CLOCK_REALTIME = 0;
/** Two clocks are read within this, if need be at another try. */
const READING_MAX_MS = 0.02;
const READINGS_MAX = 5;

export interface Kernel {
  readonly libc: Libc;
  /** Name of the last error, for example `EAGAIN`. */
  errno(): string;
  /** @param number for example 11 */
  errnoName(number: number): string;
  allocate(length: number): NativeMemory;
  /** The clock of packets' times (CLOCK_REALTIME, milliseconds since 1970) less `performance.now`. */
  wallClockAhead_ms(): number;
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
  // EAGAIN has a second name on Linux.
  const codes = Object.entries(koffi.os.errno).filter(([name]) => name !== 'EWOULDBLOCK');
  const names = new Map(codes.map(([name, number]) => [number, name]));
  const nameOf = (number: number): string => names.get(number) ?? `errno ${number}`;
  const libc = bindLibc(koffi);
  const timespec = new Uint8Array(16);
  const time = new DataView(timespec.buffer);
  const reactor = new Reactor(libc, (length) => allocate(koffi, length));
  return {
    libc,
    errno: () => nameOf(koffi.errno()),
    errnoName: nameOf,
    allocate: (length) => allocate(koffi, length),
    wallClockAhead_ms() {
      for (let tries = 1; ; tries += 1) {
        const from_ms = performance.now();
        libc.clock_gettime(CLOCK_REALTIME, timespec);
        const until_ms = performance.now();
        // Somebody else may have had the processor in between.
        if (until_ms - from_ms > READING_MAX_MS && tries < READINGS_MAX) continue;
        const seconds = time.getUint32(0, true) + time.getInt32(4, true) * 2 ** 32;
        return seconds * 1000 + time.getUint32(8, true) / 1e6 - (from_ms + until_ms) / 2;
      }
    },
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

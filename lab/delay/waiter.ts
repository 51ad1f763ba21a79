/** Waits for a descriptor to be readable, or for a time, to a fraction of a millisecond: ppoll(2). */
import type { Kernel } from '../../src/kernel/kernel';
import type { NativeMemory } from '../../src/kernel/libc';

/** struct pollfd: i32 descriptor, i16 what is asked for, i16 what is there (poll.h); then a struct timespec. */
const POLLFD_BYTES = 8;
/** struct timespec: i64 seconds, i64 nanoseconds. */
const TIMESPEC_BYTES = 16;
const POLLIN = 1;

export class Waiter {
  readonly #polled: NativeMemory;
  readonly #timeout: NativeMemory;
  readonly #time: DataView;

  constructor(
    private readonly kernel: Kernel,
    descriptor: number,
  ) {
    this.#polled = kernel.allocate(POLLFD_BYTES);
    this.#timeout = kernel.allocate(TIMESPEC_BYTES);
    const { bytes } = this.#polled;
    const polled = new DataView(bytes.buffer, bytes.byteOffset);
    polled.setInt32(0, descriptor, true);
    polled.setInt16(4, POLLIN, true);
    this.#time = new DataView(this.#timeout.bytes.buffer, this.#timeout.bytes.byteOffset);
  }

  /** @param most_ms undefined for as long as it takes */
  wait(most_ms: number | undefined): void {
    if (most_ms !== undefined) {
      const most_ns = Math.max(0, Math.round(most_ms * 1e6));
      this.#time.setBigInt64(0, BigInt(Math.floor(most_ns / 1e9)), true);
      this.#time.setBigInt64(8, BigInt(most_ns % 1e9), true);
    }
    const timeout = most_ms === undefined ? null : this.#timeout.pointer;
    this.kernel.libc.ppoll(this.#polled.pointer, 1, timeout, null);
  }
}

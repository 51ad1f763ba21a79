/** Many datagrams in one system call: recvmmsg(2) into memory that is laid out once. */
import type { Kernel } from '../kernel';
import type { NativeMemory } from '../libc';

/** struct mmsghdr: a msghdr of 56 bytes, then the datagram's length; 64 bytes on 64-bit Linux (bits/socket.h). */
const MMSGHDR_BYTES = 64;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_FLAGS = 48;
const MSG_LEN = 56;
/** struct iovec: base and length. */
const IOVEC_BYTES = 16;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

/** Nothing is there, or a signal came first. */
const PASSING_ERRORS = new Set(['EAGAIN', 'EINTR']);

/** Takes one datagram; the bytes are borrowed for the call. */
export type DatagramListener = (
  bytes: Uint8Array,
  offset: number,
  length: number,
  truncated: boolean,
) => void;

export class ReceiveBatch {
  readonly #memory: NativeMemory;
  readonly #headers: DataView;
  readonly #data_bytes: number;

  /** @param count datagrams in a call @param datagramMax_bytes longer ones are truncated */
  constructor(
    private readonly kernel: Kernel,
    readonly count: number,
    private readonly datagramMax_bytes: number,
  ) {
    const iovecs = count * MMSGHDR_BYTES;
    this.#data_bytes = iovecs + count * IOVEC_BYTES;
    this.#memory = kernel.allocate(this.#data_bytes + count * datagramMax_bytes);
    const { bytes, address } = this.#memory;
    this.#headers = new DataView(bytes.buffer, bytes.byteOffset, this.#data_bytes);
    for (let index = 0; index < count; index += 1) {
      const iovec = iovecs + index * IOVEC_BYTES;
      this.#headers.setBigUint64(index * MMSGHDR_BYTES + MSG_IOV, address + BigInt(iovec), true);
      this.#headers.setBigUint64(index * MMSGHDR_BYTES + MSG_IOVLEN, 1n, true);
      const data = this.#data_bytes + index * datagramMax_bytes;
      this.#headers.setBigUint64(iovec, address + BigInt(data), true);
      this.#headers.setBigUint64(iovec + 8, BigInt(datagramMax_bytes), true);
    }
  }

  /** Receives what is there, without waiting. @returns how many datagrams came; -1 when the kernel refuses */
  receive(descriptor: number, listener: DatagramListener): number {
    const received = this.kernel.libc.recvmmsg(
      descriptor,
      this.#memory.pointer,
      this.count,
      MSG_DONTWAIT,
      null,
    );
    for (let index = 0; index < received; index += 1) {
      const header = index * MMSGHDR_BYTES;
      const length = this.#headers.getUint32(header + MSG_LEN, true);
      const truncated = (this.#headers.getUint32(header + MSG_FLAGS, true) & MSG_TRUNC) !== 0;
      listener(this.#memory.bytes, this.#data_bytes + index * this.datagramMax_bytes, length, truncated);
    }
    if (received >= 0) return received;
    return PASSING_ERRORS.has(this.kernel.errno()) ? 0 : -1;
  }

  free(): void {
    this.#memory.free();
  }
}

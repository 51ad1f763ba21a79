/** Many datagrams in one system call: recvmmsg(2) into memory that is laid out once. */
import type { Kernel } from '../kernel';
import type { NativeMemory } from '../libc';

/** struct mmsghdr: a msghdr of 56 bytes, then the datagram's length; 64 bytes on 64-bit Linux (bits/socket.h). */
const MMSGHDR_BYTES = 64;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_CONTROL = 32;
const MSG_CONTROLLEN = 40;
const MSG_FLAGS = 48;
const MSG_LEN = 56;
/** struct iovec: base and length. */
const IOVEC_BYTES = 16;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;

/** struct cmsghdr (length, level, type: 16 bytes) and the struct timespec of SO_TIMESTAMPNS: seconds and nanoseconds, i64 each. */
const CONTROL_BYTES = 32;
const SCM_TIMESTAMPNS = 35;
const CMSG_TYPE = 12;
const CMSG_SECONDS = 16;
const CMSG_NANOSECONDS = 24;

/** Nothing is there, or a signal came first. */
const PASSING_ERRORS = new Set(['EAGAIN', 'EINTR']);

/** Takes one datagram; the bytes are borrowed for the call. @param stamp_ms the kernel's time of it since 1970; 0 where there is none */
export type DatagramListener = (
  bytes: Uint8Array,
  offset: number,
  length: number,
  truncated: boolean,
  stamp_ms: number,
) => void;

export class ReceiveBatch {
  readonly #memory: NativeMemory;
  readonly #headers: DataView;
  readonly #data_bytes: number;
  readonly #control_at: number;
  /** Of the datagrams of the last call: how many came, and which is handed on. */
  #came = 0;
  #index = 0;

  /**
   * @param count datagrams in a call
   * @param datagramMax_bytes longer ones are truncated
   * @param stamped the kernel's times are read where a socket brings them (SO_TIMESTAMPNS)
   */
  constructor(
    private readonly kernel: Kernel,
    readonly count: number,
    private readonly datagramMax_bytes: number,
    private readonly stamped = false,
  ) {
    const iovecs = count * MMSGHDR_BYTES;
    this.#control_at = iovecs + count * IOVEC_BYTES;
    this.#data_bytes = this.#control_at + (stamped ? count * CONTROL_BYTES : 0);
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
      if (!stamped) continue;
      const control = address + BigInt(this.#control_at + index * CONTROL_BYTES);
      this.#headers.setBigUint64(index * MMSGHDR_BYTES + MSG_CONTROL, control, true);
    }
  }

  /** Where the datagram that is handed on stands among those of its call: between 0 and 1. */
  get place(): number {
    return (this.#index + 1) / (this.#came + 1);
  }

  /** Receives what is there, without waiting. @returns how many datagrams came; -1 when the kernel refuses */
  receive(descriptor: number, listener: DatagramListener): number {
    if (this.stamped) this.#makeRoomForStamps();
    const received = this.kernel.libc.recvmmsg(
      descriptor,
      this.#memory.pointer,
      this.count,
      MSG_DONTWAIT,
      null,
    );
    this.#came = received;
    for (let index = 0; index < received; index += 1) {
      this.#index = index;
      const header = index * MMSGHDR_BYTES;
      const length = this.#headers.getUint32(header + MSG_LEN, true);
      const truncated = (this.#headers.getUint32(header + MSG_FLAGS, true) & MSG_TRUNC) !== 0;
      const stamp_ms = this.stamped ? this.#stamp_ms(header, index) : 0;
      const at = this.#data_bytes + index * this.datagramMax_bytes;
      listener(this.#memory.bytes, at, length, truncated, stamp_ms);
    }
    if (received >= 0) return received;
    return PASSING_ERRORS.has(this.kernel.errno()) ? 0 : -1;
  }

  /** The kernel writes there how much of it was used. */
  #makeRoomForStamps(): void {
    for (let index = 0; index < this.count; index += 1)
      this.#headers.setUint32(index * MMSGHDR_BYTES + MSG_CONTROLLEN, CONTROL_BYTES, true);
  }

  #stamp_ms(header: number, index: number): number {
    const control = this.#control_at + index * CONTROL_BYTES;
    const isStamp =
      this.#headers.getUint32(header + MSG_CONTROLLEN, true) >= CONTROL_BYTES &&
      this.#headers.getInt32(control + CMSG_TYPE, true) === SCM_TIMESTAMPNS;
    if (!isStamp) return 0;
    const seconds =
      this.#headers.getUint32(control + CMSG_SECONDS, true) +
      this.#headers.getInt32(control + CMSG_SECONDS + 4, true) * 2 ** 32;
    return seconds * 1000 + this.#headers.getUint32(control + CMSG_NANOSECONDS, true) / 1e6;
  }

  free(): void {
    this.#memory.free();
  }
}

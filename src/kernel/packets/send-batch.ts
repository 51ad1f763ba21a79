/** Many frames in one system call: sendmmsg(2) on a packet socket, from memory that is laid out once. */
import type { Kernel } from '../kernel';
import type { NativeMemory } from '../libc';

/** struct mmsghdr: a msghdr of 56 bytes, then the length sent; 64 bytes on 64-bit Linux (bits/socket.h). */
const MMSGHDR_BYTES = 64;
const MSG_NAME = 0;
const MSG_NAMELEN = 8;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const IOVEC_BYTES = 16;
/** struct sockaddr_ll (linux/if_packet.h), padded. */
const ADDRESS_BYTES = 32;
const SOCKADDR_LL_BYTES = 20;
const AF_PACKET = 17;
const ETH_P_IP = 0x0800;
const MSG_DONTWAIT = 0x40;

export class SendBatch {
  /** Frames that wait for `send`. */
  waiting = 0;
  readonly bytes: Uint8Array;
  readonly #memory: NativeMemory;
  readonly #view: DataView;
  readonly #address_at: number;
  readonly #data_at: number;

  /** @param count frames in a call @param frameMax_bytes longest frame */
  constructor(
    private readonly kernel: Kernel,
    readonly count: number,
    private readonly frameMax_bytes: number,
  ) {
    const iovec_at = count * MMSGHDR_BYTES;
    this.#address_at = iovec_at + count * IOVEC_BYTES;
    this.#data_at = this.#address_at + count * ADDRESS_BYTES;
    this.#memory = kernel.allocate(this.#data_at + count * frameMax_bytes);
    const { bytes, address } = this.#memory;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pointTo = (at: number, target: number): void =>
      this.#view.setBigUint64(at, address + BigInt(target), true);
    for (let index = 0; index < count; index += 1) {
      const header = index * MMSGHDR_BYTES;
      const iovec = iovec_at + index * IOVEC_BYTES;
      const name = this.#address_at + index * ADDRESS_BYTES;
      pointTo(header + MSG_NAME, name);
      this.#view.setUint32(header + MSG_NAMELEN, SOCKADDR_LL_BYTES, true);
      pointTo(header + MSG_IOV, iovec);
      this.#view.setBigUint64(header + MSG_IOVLEN, 1n, true);
      pointTo(iovec, this.#data_at + index * frameMax_bytes);
      this.#view.setUint16(name, AF_PACKET, true);
      this.#view.setUint16(name + 2, ETH_P_IP, false);
    }
  }

  /** Where in `bytes` the next frame is to be written. */
  get at(): number {
    return this.#data_at + this.waiting * this.frameMax_bytes;
  }

  /** The frame that was written at `at` is whole. @param device interface index */
  add(length: number, device: number): void {
    const index = this.waiting;
    this.#view.setUint32(this.count * MMSGHDR_BYTES + index * IOVEC_BYTES + 8, length, true);
    this.#view.setInt32(this.#address_at + index * ADDRESS_BYTES + 4, device, true);
    this.waiting += 1;
  }

  /** Sends what waits. @param refused is told of each frame that the kernel refuses, with an errno name */
  send(descriptor: number, refused: (errno: string) => void): void {
    const { libc } = this.kernel;
    for (let from = 0; from < this.waiting;) {
      const pointer = from === 0 ? this.#memory.pointer : this.#memory.address + BigInt(from * MMSGHDR_BYTES);
      const sent = libc.sendmmsg(descriptor, pointer, this.waiting - from, MSG_DONTWAIT);
      if (sent > 0) from += sent;
      else {
        const errno = this.kernel.errno();
        if (errno === 'EINTR') continue;
        refused(errno);
        from += 1;
      }
    }
    this.waiting = 0;
  }

  free(): void {
    this.#memory.free();
  }
}

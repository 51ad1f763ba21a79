/**
 * Netlink sockets (netlink(7)): requests to the kernel and its answers. Integers of a message's header are in host
 * order, which is little-endian here; attributes of nfnetlink are big-endian.
 */
import { int32 } from '../integers';
import type { Kernel } from '../kernel';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_GET_STRICT_CHK = 12;

export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;

const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_DUMP_INTR = 0x10;
/** NLM_F_ROOT and NLM_F_MATCH. */
const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** struct nlmsghdr: u32 length, u16 type, u16 flags, u32 sequence, u32 port. */
export const MESSAGE_HEADER_BYTES = 16;
/** struct nlattr: u16 length, u16 type. */
const ATTRIBUTE_HEADER_BYTES = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** struct sockaddr_nl: u16 family, u16 padding, u32 port, u32 groups. */
const SOCKADDR_NL_BYTES = 12;

const ANSWER_MAX_BYTES = 64 * 1024;

export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly code = 'netlink';

  /** @param errno for example EPERM */
  constructor(
    what: string,
    readonly errno: string,
  ) {
    super(`${what}: ${errno}`);
  }
}

/** Kernel structures are padded to four bytes. */
export const aligned = (length: number): number => (length + 3) & ~3;

/** @returns a whole attribute, padded */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(ATTRIBUTE_HEADER_BYTES + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ATTRIBUTE_HEADER_BYTES + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** @param body what follows the header @param flags besides NLM_F_REQUEST */
export function message(type: number, flags: number, body: readonly Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, MESSAGE_HEADER_BYTES);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | NLM_F_REQUEST, true);
  let at = MESSAGE_HEADER_BYTES;
  for (const part of body) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Attributes of a message: `visit` gets the type, and offset and length of the value. */
export function eachAttribute(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: (type: number, offset: number, length: number) => void,
): void {
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= end;) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    const type = (bytes[at + 2]! | (bytes[at + 3]! << 8)) & ATTRIBUTE_TYPE_MASK;
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > end) return;
    visit(type, at + ATTRIBUTE_HEADER_BYTES, length - ATTRIBUTE_HEADER_BYTES);
    at += aligned(length);
  }
}

export class NetlinkSocket {
  readonly descriptor: number;
  readonly #answer = new Uint8Array(ANSWER_MAX_BYTES);
  readonly #view = new DataView(this.#answer.buffer);

  /** @param protocol NETLINK_ROUTE or NETLINK_NETFILTER @param buffer_bytes what may wait to be read */
  constructor(
    private readonly kernel: Kernel,
    protocol: number,
    buffer_bytes?: number,
  ) {
    this.descriptor = kernel.libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (this.descriptor < 0) throw new NetlinkError('socket', kernel.errno());
    if (buffer_bytes !== undefined) this.set(SOL_SOCKET, SO_RCVBUFFORCE, buffer_bytes);
  }

  /** From now on it hears what the kernel tells everybody. @param groups a bit for each (RTMGRP_… of linux/rtnetlink.h) */
  hear(groups: number): void {
    const address = new Uint8Array(SOCKADDR_NL_BYTES);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(8, groups, true);
    if (this.kernel.libc.bind(this.descriptor, address, address.length) < 0)
      throw new NetlinkError('bind', this.kernel.errno());
  }

  /** Reads all that was told. @returns whether there was anything, or something was lost */
  heard(): boolean {
    let anything = false;
    for (;;) {
      const received = this.kernel.libc.recv(this.descriptor, this.#answer, ANSWER_MAX_BYTES, MSG_DONTWAIT);
      // It had no room for all that there was to tell.
      if (received < 0 && this.kernel.errno() !== 'ENOBUFS') return anything;
      anything = true;
    }
  }

  set(level: number, name: number, value: number): void {
    const bytes = int32(value);
    if (this.kernel.libc.setsockopt(this.descriptor, level, name, bytes, bytes.length) < 0)
      throw new NetlinkError(`setsockopt ${name}`, this.kernel.errno());
  }

  /** Sends a message that nothing is answered to. @returns why the kernel refused it (an errno name), or undefined */
  send(bytes: Uint8Array, length = bytes.length): string | undefined {
    return this.kernel.libc.send(this.descriptor, bytes, length, 0) < 0 ? this.kernel.errno() : undefined;
  }

  /**
   * @param what is asked for, for the error
   * @param flags besides NLM_F_REQUEST and NLM_F_ACK
   * @throws NetlinkError when the kernel refuses
   */
  command(what: string, type: number, body: readonly Uint8Array[], flags = 0): void {
    const errno = this.#exchange(what, message(type, NLM_F_ACK | flags, body));
    if (errno === 0) return;
    throw new NetlinkError(what, errno === undefined ? 'unexpected answer' : this.kernel.errnoName(errno));
  }

  /**
   * Asks for one object.
   *
   * @returns the answer's bytes from its header on, borrowed until the next call; undefined when there is none
   */
  query(what: string, type: number, body: readonly Uint8Array[]): Uint8Array | undefined {
    const errno = this.#exchange(what, message(type, 0, body));
    return errno === undefined ? this.#answer.subarray(0, this.#view.getUint32(0, true)) : undefined;
  }

  /**
   * Asks for all objects of a kind that the kernel holds.
   *
   * @param body its fields that are not 0 must hold for the objects, too
   * @param visit gets each object's message, borrowed for the call
   * @returns false when they changed meanwhile, so that some may be missing
   * @throws NetlinkError
   */
  dump(
    what: string,
    type: number,
    body: readonly Uint8Array[],
    visit: (bytes: Uint8Array, from: number, end: number) => void,
  ): boolean {
    this.set(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    const refusal = this.send(message(type, NLM_F_DUMP, body));
    if (refusal !== undefined) throw new NetlinkError(what, refusal);
    let whole = true;
    // The kernel writes the next part while the one before is read.
    for (;;) {
      const received = this.#receive(what);
      for (let at = 0; at + MESSAGE_HEADER_BYTES <= received;) {
        const length = this.#view.getUint32(at, true);
        if (length < MESSAGE_HEADER_BYTES || at + length > received) break;
        const kind = this.#view.getUint16(at + 4, true);
        if ((this.#view.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0) whole = false;
        if (kind === NLMSG_DONE || kind === NLMSG_ERROR) {
          const errno = -this.#view.getInt32(at + MESSAGE_HEADER_BYTES, true);
          if (errno > 0) throw new NetlinkError(what, this.kernel.errnoName(errno));
          return whole;
        }
        visit(this.#answer, at, at + length);
        at += aligned(length);
      }
    }
  }

  close(): void {
    this.kernel.libc.close(this.descriptor);
  }

  /** The kernel answers within `send`. @returns the errno that it answered, 0 for none; undefined for an object */
  #exchange(what: string, request: Uint8Array): number | undefined {
    const refusal = this.send(request);
    if (refusal !== undefined) throw new NetlinkError(what, refusal);
    this.#receive(what);
    const type = this.#view.getUint16(4, true);
    return type === NLMSG_ERROR ? -this.#view.getInt32(MESSAGE_HEADER_BYTES, true) : undefined;
  }

  /** @returns how many bytes of the answer came: at least one message's header */
  #receive(what: string): number {
    const received = this.kernel.libc.recv(this.descriptor, this.#answer, ANSWER_MAX_BYTES, MSG_DONTWAIT);
    if (received < MESSAGE_HEADER_BYTES) throw new NetlinkError(what, this.kernel.errno());
    return received;
  }
}

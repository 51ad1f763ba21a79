/**
 * The kernel's side of an NFQUEUE (linux/netfilter/nfnetlink_queue.h): a system call fetches many packets, which wait in the kernel
 * by their identifiers until something is said about them; one message can do so for all up to one of them.
 */
import { networkU32 } from '../kernel/integers';
import type { Kernel } from '../kernel/kernel';
import {
  aligned,
  attribute,
  message,
  MESSAGE_HEADER_BYTES,
  NETLINK_NETFILTER,
  NetlinkError,
  NetlinkSocket,
} from '../kernel/netlink/netlink';
import { ReceiveBatch } from '../kernel/packets/receive-batch';
import { readU32, writeU32 } from '../wire/big-endian';

/** What may wait in our socket: more than a full queue takes. */
const BUFFER_BYTES = 32 * 1024 * 1024;
/** Packets that one system call fetches at most. */
export const QUEUE_BATCH = 64;
/** A packet's message: headers and attributes, besides the copied bytes. */
const AROUND_BYTES = 392;

const SUBSYSTEM = 3 << 8; // NFNL_SUBSYS_QUEUE
const PACKET = SUBSYSTEM | 0;
const VERDICT = SUBSYSTEM | 1;
const CONFIG = SUBSYSTEM | 2;
const VERDICT_BATCH = SUBSYSTEM | 3;

const NFQA_PACKET_HDR = 1;
const NFQA_VERDICT_HDR = 2;
const NFQA_MARK = 3;
const NFQA_PAYLOAD = 10;
const NFQA_CFG_CMD = 1;
const NFQA_CFG_PARAMS = 2;
const NFQA_CFG_QUEUE_MAXLEN = 3;
const NFQA_CFG_MASK = 4;
const NFQA_CFG_FLAGS = 5;
const BIND = 1; // NFQNL_CFG_CMD_BIND
const COPY_META = 1; // NFQNL_COPY_META
const COPY_PACKET = 2; // NFQNL_COPY_PACKET
const FLAG_GSO = 4; // NFQA_CFG_F_GSO
const VERDICTS = { drop: 0, accept: 1 } as const; // NF_DROP, NF_ACCEPT
const NF_QUEUE = 3;
/** Where a verdict has the queue that it leads to (NF_VERDICT_QBITS of linux/netfilter.h). */
const QUEUE_SHIFT = 16;

const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;

/** struct nfgenmsg: u8 family, u8 version, u16 queue (big-endian). */
const GENERIC_HEADER_BYTES = 4;
const ATTRIBUTES_AT = MESSAGE_HEADER_BYTES + GENERIC_HEADER_BYTES;
/** Where a verdict and its packet's identifier stand in a message of ours. */
const VERDICT_AT = ATTRIBUTES_AT + 4;
const IDENTIFIER_AT = VERDICT_AT + 4;
/** And its mark, behind the head of that attribute. */
const MARK_AT = IDENTIFIER_AT + 4 + 4;

export type QueueVerdict = keyof typeof VERDICTS;

export interface QueueSocketOptions {
  readonly number: number;
  /** Packets that may wait in the kernel; what comes then is dropped by it. */
  readonly length: number;
  /** Of each packet's first bytes, from its IP header on; 0 for none. */
  readonly copied_bytes: number;
}

/** Takes a packet; its first bytes are borrowed for the call, and `length` is 0 where there are none. @param mark 0 where it has none */
export type QueuedListener = (
  identifier: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  mark: number,
) => void;

export class QueueSocket {
  readonly #socket: NetlinkSocket;
  readonly #batch: ReceiveBatch;
  readonly #one: Uint8Array;
  readonly #upTo: Uint8Array;
  readonly #leading: Uint8Array;

  /** Packets wait for it from here on. @throws NetlinkError when the kernel refuses, or somebody listens already */
  constructor(
    kernel: Kernel,
    { number, length, copied_bytes }: QueueSocketOptions,
    private readonly listener: QueuedListener,
  ) {
    const header = genericHeader(number);
    this.#one = verdictMessage(VERDICT, header);
    this.#upTo = verdictMessage(VERDICT_BATCH, header);
    this.#leading = verdictMessage(VERDICT, header, [attribute(NFQA_MARK, new Uint8Array(4))]);
    this.#socket = new NetlinkSocket(kernel, NETLINK_NETFILTER, BUFFER_BYTES);
    try {
      // A packet that found no room is counted by the kernel; there is nothing more that we could do.
      this.#socket.set(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
      const bind = attribute(NFQA_CFG_CMD, Uint8Array.of(BIND, 0, 0, 0));
      this.#socket.command('bind', CONFIG, [header, bind]);
      this.#socket.command('configure', CONFIG, [
        header,
        attribute(NFQA_CFG_QUEUE_MAXLEN, networkU32(length)),
        attribute(NFQA_CFG_FLAGS, networkU32(FLAG_GSO)),
        attribute(NFQA_CFG_MASK, networkU32(FLAG_GSO)),
      ]);
      // Packets come from here on, so that an answer to this could no longer be told from them.
      const mode = copied_bytes === 0 ? COPY_META : COPY_PACKET;
      const parameters = attribute(NFQA_CFG_PARAMS, Uint8Array.of(...networkU32(copied_bytes), mode));
      const refusal = this.#socket.send(message(CONFIG, 0, [header, parameters]));
      if (refusal !== undefined) throw new NetlinkError('start', refusal);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    this.#batch = new ReceiveBatch(kernel, QUEUE_BATCH, AROUND_BYTES + copied_bytes);
  }

  /** Where the packet that is handed on stands among those that came with it: between 0 and 1. */
  get place(): number {
    return this.#batch.place;
  }

  get descriptor(): number {
    return this.#socket.descriptor;
  }

  /** One system call's. @returns how many came: fewer than `QUEUE_BATCH` when there are no more, negative when the kernel refuses */
  receive(): number {
    return this.#batch.receive(this.descriptor, this.#take);
  }

  judge(identifier: number, verdict: QueueVerdict): void {
    this.#say(this.#one, identifier, verdict);
  }

  /** It waits in another queue from now on, and is dropped where nobody listens to that one (net/netfilter/nf_queue.c). */
  leadTo(queue: number, identifier: number, mark: number): void {
    const judgement = this.#leading;
    writeU32(judgement, VERDICT_AT, ((queue << QUEUE_SHIFT) | NF_QUEUE) >>> 0);
    writeU32(judgement, IDENTIFIER_AT, identifier);
    writeU32(judgement, MARK_AT, mark);
    this.#socket.send(judgement);
  }

  /** Of all that wait, up to this one in the order in which they came. */
  judgeUpTo(identifier: number, verdict: QueueVerdict): void {
    this.#say(this.#upTo, identifier, verdict);
  }

  /** What still waits is dropped by the kernel. */
  close(): void {
    this.#socket.close();
    this.#batch.free();
  }

  #say(judgement: Uint8Array, identifier: number, verdict: QueueVerdict): void {
    writeU32(judgement, VERDICT_AT, VERDICTS[verdict]);
    writeU32(judgement, IDENTIFIER_AT, identifier);
    this.#socket.send(judgement);
  }

  readonly #take = (bytes: Uint8Array, offset: number, length: number): void => {
    const type = bytes[offset + 4]! | (bytes[offset + 5]! << 8);
    if (type !== PACKET) return;
    let identifier = -1;
    let payload_at = 0;
    let payload_bytes = 0;
    let mark = 0;
    const end = offset + length;
    for (let at = offset + ATTRIBUTES_AT; at + 4 <= end;) {
      const attribute_bytes = bytes[at]! | (bytes[at + 1]! << 8);
      if (attribute_bytes < 4) break;
      const attributeType = bytes[at + 2]!;
      if (attributeType === NFQA_PACKET_HDR) identifier = readU32(bytes, at + 4);
      else if (attributeType === NFQA_MARK) mark = readU32(bytes, at + 4);
      else if (attributeType === NFQA_PAYLOAD) {
        payload_at = at + 4;
        payload_bytes = Math.min(attribute_bytes - 4, end - payload_at);
      }
      at += aligned(attribute_bytes);
    }
    if (identifier >= 0) this.listener(identifier, bytes, payload_at, payload_bytes, mark);
  };
}

const genericHeader = (queue: number): Uint8Array => Uint8Array.of(0, 0, queue >>> 8, queue & 0xff);

const verdictMessage = (type: number, header: Uint8Array, more: readonly Uint8Array[] = []): Uint8Array =>
  message(type, 0, [header, attribute(NFQA_VERDICT_HDR, new Uint8Array(8)), ...more]);

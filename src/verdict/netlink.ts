/**
 * The queue over netlink (linux/netfilter/nfnetlink_queue.h): the kernel copies headers only and leaves super-packets
 * whole, a system call fetches many packets, and another one judges them all.
 */
import { readFileSync } from 'node:fs';
import { networkU32 } from '../kernel/integers';
import { openKernel, type Kernel } from '../kernel/kernel';
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
import { QueueError, type Judge, type QueueCounters, type QueueOptions, type VerdictQueue } from './queue';

/** IPv4 and TCP headers at their longest. */
const COPIED_BYTES = 120;
const LENGTH_DEFAULT = 16_384;
/** What may wait in our socket: more than a full queue takes. */
const BUFFER_BYTES = 32 * 1024 * 1024;
const BATCH = 64;
/** Then the event loop has its turn. */
const BATCHES_PER_TURN = 16;
/** A packet's message: headers and attributes, and the copied bytes. */
const MESSAGE_MAX_BYTES = 512;

const SUBSYSTEM = 3 << 8; // NFNL_SUBSYS_QUEUE
const PACKET = SUBSYSTEM | 0;
const VERDICT = SUBSYSTEM | 1;
const CONFIG = SUBSYSTEM | 2;
const VERDICT_BATCH = SUBSYSTEM | 3;

const NFQA_PACKET_HDR = 1;
const NFQA_VERDICT_HDR = 2;
const NFQA_PAYLOAD = 10;
const NFQA_CFG_CMD = 1;
const NFQA_CFG_PARAMS = 2;
const NFQA_CFG_QUEUE_MAXLEN = 3;
const NFQA_CFG_MASK = 4;
const NFQA_CFG_FLAGS = 5;
const BIND = 1; // NFQNL_CFG_CMD_BIND
const COPY_PACKET = 2; // NFQNL_COPY_PACKET
const FLAG_GSO = 4; // NFQA_CFG_F_GSO
const NF_DROP = 0;
const NF_ACCEPT = 1;

const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;

/** struct nfgenmsg: u8 family, u8 version, u16 queue (big-endian). */
const GENERIC_HEADER_BYTES = 4;
const ATTRIBUTES_AT = MESSAGE_HEADER_BYTES + GENERIC_HEADER_BYTES;
/** Where a verdict and its packet's identifier stand in a message of ours. */
const VERDICT_AT = ATTRIBUTES_AT + 4;
const IDENTIFIER_AT = VERDICT_AT + 4;

/** @throws QueueError */
export function openNetlinkQueue(
  { number, length = LENGTH_DEFAULT }: QueueOptions,
  judge: Judge,
): VerdictQueue {
  const kernel = openKernel();
  let queue: NetlinkQueue;
  try {
    queue = new NetlinkQueue(kernel, number, length, judge);
  } catch (cause) {
    if (!(cause instanceof NetlinkError)) throw cause;
    throw new QueueError(number, cause.message, { cause });
  }
  const stopWatching = kernel.watchReadable(queue.descriptor, () => queue.drain(BATCHES_PER_TURN));
  return {
    description: `NFQUEUE ${number} (netlink)`,
    get counters() {
      return { ...queue.counters, kernel_dropped: kernelDropped(number) };
    },
    lengthIsSet: true,
    drain: () => void queue.drain(Infinity),
    close() {
      stopWatching();
      queue.close();
    },
  };
}

class NetlinkQueue {
  readonly counters: QueueCounters = { packets: 0, accepted: 0, dropped: 0, faults: 0 };
  readonly #socket: NetlinkSocket;
  readonly #batch: ReceiveBatch;
  readonly #accept: Uint8Array;
  readonly #drop: Uint8Array;
  /** The last packet that is to be dropped and was not yet, or -1. */
  #dropUntil = -1;

  constructor(
    kernel: Kernel,
    number: number,
    length: number,
    private readonly judge: Judge,
  ) {
    const header = genericHeader(number);
    this.#accept = verdictMessage(VERDICT, header, NF_ACCEPT);
    this.#drop = verdictMessage(VERDICT_BATCH, header, NF_DROP);
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
      const parameters = attribute(NFQA_CFG_PARAMS, Uint8Array.of(...networkU32(COPIED_BYTES), COPY_PACKET));
      const refusal = this.#socket.send(message(CONFIG, 0, [header, parameters]));
      if (refusal !== undefined) throw new NetlinkError('start', refusal);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    this.#batch = new ReceiveBatch(kernel, BATCH, MESSAGE_MAX_BYTES);
  }

  get descriptor(): number {
    return this.#socket.descriptor;
  }

  /** @returns how many packets came */
  drain(batches_max: number): number {
    let came = 0;
    for (let turn = 0; turn < batches_max; turn += 1) {
      const received = this.#batch.receive(this.descriptor, this.#take);
      if (this.#dropUntil >= 0) {
        writeU32(this.#drop, IDENTIFIER_AT, this.#dropUntil);
        this.#socket.send(this.#drop);
        this.#dropUntil = -1;
      }
      came += Math.max(received, 0);
      if (received < this.#batch.count) break;
    }
    return came;
  }

  close(): void {
    this.#socket.close();
    this.#batch.free();
  }

  readonly #take = (bytes: Uint8Array, offset: number, length: number): void => {
    const type = bytes[offset + 4]! | (bytes[offset + 5]! << 8);
    if (type !== PACKET) return;
    let identifier = -1;
    let payload_at = -1;
    let payload_bytes = 0;
    const end = offset + length;
    for (let at = offset + ATTRIBUTES_AT; at + 4 <= end;) {
      const attribute_bytes = bytes[at]! | (bytes[at + 1]! << 8);
      if (attribute_bytes < 4) break;
      const attributeType = bytes[at + 2]!;
      if (attributeType === NFQA_PACKET_HDR) identifier = readU32(bytes, at + 4);
      else if (attributeType === NFQA_PAYLOAD) {
        payload_at = at + 4;
        payload_bytes = Math.min(attribute_bytes - 4, end - payload_at);
      }
      at += aligned(attribute_bytes);
    }
    if (identifier < 0) return;
    this.counters.packets += 1;
    if (payload_at >= 0 && this.#judged(bytes, payload_at, payload_bytes) === 'accept') {
      this.counters.accepted += 1;
      writeU32(this.#accept, IDENTIFIER_AT, identifier);
      this.#socket.send(this.#accept);
    } else {
      this.counters.dropped += 1;
      this.#dropUntil = identifier;
    }
  };

  #judged(bytes: Uint8Array, offset: number, length: number): 'accept' | 'drop' {
    try {
      return this.judge(bytes, offset, length);
    } catch {
      this.counters.faults += 1;
      return 'drop';
    }
  }
}

const genericHeader = (queue: number): Uint8Array => Uint8Array.of(0, 0, queue >>> 8, queue & 0xff);

function verdictMessage(type: number, header: Uint8Array, verdict: number): Uint8Array {
  return message(type, 0, [
    header,
    attribute(NFQA_VERDICT_HDR, Uint8Array.of(...networkU32(verdict), 0, 0, 0, 0)),
  ]);
}

/** /proc/net/netfilter/nfnetlink_queue: the sixth and seventh number of a queue's line are what it dropped. */
function kernelDropped(number: number): number {
  try {
    const lines = readFileSync('/proc/net/netfilter/nfnetlink_queue', 'utf8').split('\n');
    const fields = lines.map((line) => line.trim().split(/ +/).map(Number));
    const [, , , , , full = 0, refused = 0] = fields.find(([queue]) => queue === number) ?? [];
    return full + refused;
  } catch {
    return 0;
  }
}

/**
 * The queue over netlink: the kernel copies headers only and leaves super-packets whole, and one message judges many of them.
 *
 * It gives no time of packets that this machine sends (nfnetlink_queue.c: NFQA_TIMESTAMP up to NF_INET_FORWARD only). They came
 * since the queue was seen empty: those that are read together are taken to have come at even distances.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openKernel, type Kernel } from '../kernel/kernel';
import { NetlinkError } from '../kernel/netlink/netlink';
import { QueueError, type Judge, type QueueCounters, type QueueOptions, type VerdictQueue } from './queue';
import { QUEUE_BATCH, QueueSocket } from './queue-socket';

/** IPv4 and TCP headers at their longest; those of IPv6 are shorter, but for extensions. */
const COPIED_BYTES = 120;
const LENGTH_DEFAULT = 16_384;
/** Then the event loop has its turn. */
const BATCHES_PER_TURN = 16;

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
  readonly #socket: QueueSocket;
  /** The last packet that is to be dropped and was not yet, or -1. */
  #dropUntil = -1;
  /** When nothing was left in it. */
  #emptyAt_ms = performance.now();
  /** Between these what is read now came. */
  #since_ms = 0;
  #until_ms = 0;

  constructor(
    private readonly kernel: Kernel,
    number: number,
    length: number,
    private readonly judge: Judge,
  ) {
    this.#socket = new QueueSocket(kernel, { number, length, copied_bytes: COPIED_BYTES }, this.#take);
  }

  get descriptor(): number {
    return this.#socket.descriptor;
  }

  /** @returns how many packets came */
  drain(batches_max: number): number {
    let came = 0;
    for (let turn = 0; turn < batches_max; turn += 1) {
      this.#until_ms = performance.now();
      this.#since_ms = Math.min(this.#until_ms, Math.max(this.#emptyAt_ms, this.kernel.turns.idleAt_ms));
      const received = this.#socket.receive();
      if (this.#dropUntil >= 0) {
        this.#socket.judgeUpTo(this.#dropUntil, 'drop');
        this.#dropUntil = -1;
      }
      came += Math.max(received, 0);
      this.#emptyAt_ms = this.#until_ms;
      if (received < QUEUE_BATCH) break;
    }
    return came;
  }

  close(): void {
    this.#socket.close();
  }

  readonly #take = (identifier: number, bytes: Uint8Array, offset: number, length: number): void => {
    this.counters.packets += 1;
    if (length > 0 && this.#judged(bytes, offset, length) === 'accept') {
      this.counters.accepted += 1;
      this.#socket.judge(identifier, 'accept');
    } else {
      this.counters.dropped += 1;
      this.#dropUntil = identifier;
    }
  };

  #judged(bytes: Uint8Array, offset: number, length: number): 'accept' | 'drop' {
    const at_ms = this.#since_ms + (this.#until_ms - this.#since_ms) * this.#socket.place;
    try {
      return this.judge(bytes, offset, length, at_ms);
    } catch {
      this.counters.faults += 1;
      return 'drop';
    }
  }
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

/** The NFQUEUE of the test server: every response packet waits in it for a verdict. */
/** `compare`: it is led to the queue of who compares answers, which drops it; where there is none it is dropped. */
export type Verdict = 'accept' | 'drop' | 'compare';

/**
 * Decides on an IP packet, of which `length` bytes from `offset` are there: its headers at least. The bytes are
 * borrowed for the call. Whatever it throws counts as `drop`: a response that nobody understood must not leave.
 *
 * @param at_ms when it came into the queue, by `performance.now`, as near as that is known
 */
export type Judge = (bytes: Uint8Array, offset: number, length: number, at_ms: number) => Verdict;

export interface QueueCounters {
  packets: number;
  accepted: number;
  dropped: number;
  /** The judge threw. */
  faults: number;
  /** Dropped by the kernel, because the queue or our socket was full; a backend that cannot know leaves it out. */
  kernel_dropped?: number;
}

export interface QueueOptions {
  readonly number: number;
  /** Packets that may wait in it; undefined for the backend's default. */
  readonly length: number | undefined;
  /** Whose packets are compared; undefined where nothing is. */
  readonly comparedBy?: number | undefined;
}

export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code = 'cannot-bind-queue';

  constructor(number: number, reason: string, options: ErrorOptions) {
    super(
      `cannot bind NFQUEUE ${number}: ${reason}; ` +
        'another program may hold it (see /proc/net/netfilter/nfnetlink_queue), and it needs root or CAP_NET_ADMIN',
      options,
    );
  }
}

export interface VerdictQueue {
  readonly description: string;
  readonly counters: Readonly<QueueCounters>;
  /** False when the queue's length cannot be set in this backend. */
  readonly lengthIsSet: boolean;
  /**
   * Judges all that is waiting now, without waiting for the event loop: what a program on this machine has sent is among
   * it as soon as its system call has returned. Undefined in a backend that cannot.
   */
  readonly drain?: () => void;
  /** Gives the queue back; from then on the kernel drops what comes into it. */
  close(): void;
}

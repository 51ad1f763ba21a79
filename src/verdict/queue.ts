/** The NFQUEUE of the test server: every response packet waits in it for a verdict. */
export type Verdict = 'accept' | 'drop';

/**
 * Decides on an IPv4 packet; the bytes are borrowed for the call. Whatever it throws counts as `drop`: a response that
 * nobody understood must not leave.
 */
export type Judge = (packet: Uint8Array) => Verdict;

export interface QueueCounters {
  packets: number;
  accepted: number;
  dropped: number;
  /** The judge threw. */
  faults: number;
}

export interface VerdictQueue {
  readonly description: string;
  readonly counters: Readonly<QueueCounters>;
  /** False when the queue's length cannot be set in this backend. */
  readonly lengthIsSet: boolean;
}

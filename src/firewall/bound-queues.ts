/** The NFQUEUEs that somebody listens on (`/proc/net/netfilter/nfnetlink_queue`). */

export interface BoundQueue {
  readonly number: number;
  /** Netlink port of the listener; the kernel gives a process's first socket its process id. */
  readonly portId: number;
}

/** Columns (net/netfilter/nfnetlink_queue.c, seq_show): queue, port, waiting, copy mode, copy range, two drops, sequence. */
export function boundQueuesIn(text: string): BoundQueue[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([number = 0, portId = 0]) => ({ number, portId }));
}

/** What a thread has done, and in which time. */
import { readFileSync } from 'node:fs';

/** Requests that were copied, in which time, and how much of that the thread had a core, and how much it waited for one. */
export interface Played {
  readonly requests: number;
  readonly took_ms: number;
  readonly ran_ms: number;
  readonly waited_ms: number;
}

/** Of this thread, by the kernel's count (Documentation/scheduler/sched-stats). */
export function timesOfThread_ms(): readonly [ran: number, waited: number] {
  const [ran_ns = NaN, waited_ns = NaN] = readFileSync('/proc/thread-self/schedstat', 'utf8')
    .split(' ')
    .map(Number);
  return [ran_ns / 1e6, waited_ns / 1e6];
}

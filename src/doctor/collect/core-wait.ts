/** How long a program of this machine has waited for a core, by the kernel's count (Documentation/scheduler/sched-stats). */
import { readText } from '../../process/ask';

/** Nanoseconds in which its main thread was to run, and had no core; undefined where there is no such program, or no count. */
export function coreWait_ns(pid: number, schedstat = readText(`/proc/${pid}/schedstat`)): number | undefined {
  const wait_ns = Number(schedstat?.split(' ')[1] ?? NaN);
  return Number.isFinite(wait_ns) ? wait_ns : undefined;
}

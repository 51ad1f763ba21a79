/** The kernel's counts, and whether a capture can be true beside them. */
import type { KernelWatch } from './watch';

/** Packets that a rule had counted at four moments, which enclose the tap's own begin and end. */
export interface KernelCount {
  readonly watch: KernelWatch;
  readonly beforeTap: number;
  readonly tapRuns: number;
  readonly tapStillRuns: number;
  readonly afterTap: number;
}

/**
 * What a tap must have recorded: at least what passed while it surely ran, at most what passed while it may have.
 * In a lab that nobody else uses both are the same number.
 */
export function boundsOf(count: KernelCount): { least: number; most: number } {
  return { least: count.tapStillRuns - count.tapRuns, most: count.afterTap - count.beforeTap };
}

/** Packets by comment, from the output of `iptables-save -c`. */
export function countersIn(saved: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, packets, comment] of saved.matchAll(/^\[(\d+):\d+\] .*--comment "?([^"\s]+)"?/gm)) {
    found.set(comment!, Number(packets));
  }
  return found;
}

/** What a program has used so far, by the kernel's own accounting. */
import type { LabNode } from '../../lab/engine/commands/lab';
import type { ProgramName } from '../../lab/verify/evidence/copy-state';
import { BenchError } from '../stage/bench-error';

export interface Usage {
  /** User and system time of all of its threads. */
  readonly cpu_us: number;
  /** The most that was ever resident. */
  readonly peak_bytes: number;
}

/** USER_HZ, which is 100 on every architecture that Node runs on: one tick of /proc/PID/stat is 10 ms. */
const TICK_US = 10_000;

/** @param program by its name, and all that are called so */
export async function usageOf(node: LabNode, program: string): Promise<Usage> {
  const files = '"/proc/$p/stat" "/proc/$p/status" "/proc/$p/task/"*/schedstat';
  const script = `for p in $(pgrep -x "$0"); do cat ${files}; done`;
  const usage = usageIn((await node.exec(['sh', '-c', script, program])).stdout.toString());
  if (usage) return usage;
  throw new BenchError('LOAD_FAILED', `${program} on ${node.name} has ended.`, 'Its log is in /var/log.');
}

/** @param nodes where tcpcopy and intercept run */
export const usagesOf = ([online, hears]: readonly [LabNode, LabNode]): Promise<[Usage, Usage]> =>
  Promise.all([usageOf(online, 'tcpcopy'), usageOf(hears, 'intercept')]);

export const growthOf = (before: Usage, after: Usage): Usage => ({
  cpu_us: after.cpu_us - before.cpu_us,
  peak_bytes: after.peak_bytes,
});

/** What was resident before does not count any more (proc(5), clear_refs). */
export async function forgetPeak(node: LabNode, program: ProgramName): Promise<void> {
  const forget = 'for p in $(pgrep -x "$0"); do echo 5 >"/proc/$p/clear_refs"; done';
  const { exitCode, stderr } = await node.exec(['sh', '-c', forget, program]);
  if (exitCode !== 0) throw new BenchError('STEP_FAILED', `${program} on ${node.name}: ${stderr.toString()}`);
}

/**
 * Of all processes in the text together. Ticks are coarse, but hold what threads took that have ended.
 *
 * @param text `/proc/PID/stat` and `/proc/PID/status` (proc(5)) of each process, and, where the kernel has it, the
 *   `schedstat` of each of its threads: nanoseconds that it ran, and two numbers more
 */
export function usageIn(text: string): Usage | undefined {
  // The name in parentheses may hold anything; behind it the fields are counted from the third.
  const stats = [...text.matchAll(/^\d+ \(.*\) ([A-Z] .*)$/gm)].map(([, fields]) => fields!.split(' '));
  const peaks = [...text.matchAll(/^VmHWM:\s+(\d+) kB$/gm)].map(([, kilobytes]) => Number(kilobytes));
  if (stats.length === 0) return undefined;
  const ticks = stats.map((fields) => Number(fields[14 - 3]) + Number(fields[15 - 3]));
  const ran_ns = [...text.matchAll(/^(\d+) \d+ \d+$/gm)].map(([, nanoseconds]) => Number(nanoseconds));
  const cpu_us = Math.max(sum(ticks) * TICK_US, sum(ran_ns) / 1000);
  return { cpu_us, peak_bytes: sum(peaks) * 1024 };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

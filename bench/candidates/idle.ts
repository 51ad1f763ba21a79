/** How much of a machine nobody used. */
import type { LabNode } from '../../lab/engine/commands/lab';

/** Of all cores together since the machine was started, in ticks. */
export interface CoreTimes {
  readonly idle: number;
  readonly all: number;
}

/** A node has its host's. */
export const coreTimes = async (node: LabNode): Promise<CoreTimes> =>
  coreTimesIn((await node.readFile('/proc/stat')).toString());

/** @param stat `/proc/stat` (proc(5)): behind `cpu` user, nice, system, idle, iowait, irq, softirq and steal */
export function coreTimesIn(stat: string): CoreTimes {
  const ticks = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(' ').map(Number).slice(0, 8) ?? [];
  return { idle: (ticks[3] ?? NaN) + (ticks[4] ?? NaN), all: ticks.reduce((sum, one) => sum + one, 0) };
}

export const idleShare = (before: CoreTimes, after: CoreTimes): number =>
  (after.idle - before.idle) / (after.all - before.all);

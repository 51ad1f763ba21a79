/** How soon the copy stopped, and how soon it went on. */
import type { Moments } from './stage';

export interface Timing {
  readonly detect_ms: number | undefined;
  readonly resume_ms: number | undefined;
}

/** @param injections when copies were sent, in the order of time; seconds since the epoch */
export function timingOf(injections: readonly number[], { lost, restored }: Moments): Timing {
  const next = restored === undefined ? undefined : injections.find((time) => time >= restored);
  return {
    detect_ms: lost === undefined ? undefined : detection(injections, lost, restored ?? Infinity),
    resume_ms: next === undefined ? undefined : ms(next - restored!),
  };
}

function detection(injections: readonly number[], lost: number, restored: number): number {
  const last = injections.findLast((time) => time < restored) ?? lost;
  return Math.max(0, ms(last - lost));
}

const ms = (seconds: number): number => Math.round(seconds * 1000);

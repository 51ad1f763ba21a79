/** How soon the copy stopped, and how soon it went on. */
import type { Moments, Span } from '../stage/stage';

export interface Timing {
  readonly detect_ms: number | undefined;
  readonly resume_ms: number | undefined;
}

/** @param injections when copies were sent, in the order of time; seconds since the epoch */
export function timingOf(injections: readonly number[], { lost, restored }: Moments): Timing {
  const next = restored && injections.find((time) => time >= restored.begun);
  return {
    detect_ms: lost && detection(injections, lost, restored),
    resume_ms: next === undefined ? undefined : Math.max(0, ms(next - restored!.done)),
  };
}

function detection(injections: readonly number[], lost: Span, restored: Span | undefined): number {
  const last = injections.findLast((time) => time < (restored?.begun ?? Infinity)) ?? lost.done;
  return Math.max(0, ms(last - lost.done));
}

const ms = (seconds: number): number => Math.round(seconds * 1000);

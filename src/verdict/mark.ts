/**
 * When a packet came, as its mark: microseconds, of which 32 bits are told, of a clock that both programs go by. A packet that is led
 * from one queue to another takes it along.
 */

/** They come round in 71 minutes. */
const MARKS = 2 ** 32;

export const markOf = (at_ms: number): number => Math.floor(at_ms * 1000) >>> 0;

/** @param now_ms by the same clock, some time later */
export function timeOf(mark: number, now_ms: number): number {
  const now_us = Math.floor(now_ms * 1000);
  const ago_us = ((now_us % MARKS) - mark + MARKS) % MARKS;
  return (now_us - ago_us) / 1000;
}

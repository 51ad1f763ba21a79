/**
 * TCP sequence numbers: unsigned 32-bit integers that wrap (RFC 9293, section 3.4).
 *
 * Two numbers compare by their signed distance, so a comparison is right as long as they lie less than 2^31
 * apart, which a window of at most 2^30 bytes (RFC 7323, section 2.3) guarantees.
 */

/** `a + bytes` mod 2^32; `bytes` may be negative. */
export const seqAdd = (a: number, bytes: number): number => (a + bytes) >>> 0;

/** Signed distance `a - b` in bytes, in [-2^31, 2^31). */
export const seqDiff = (a: number, b: number): number => (a - b) | 0;

/** `a` lies before `b`. */
export const seqLt = (a: number, b: number): boolean => ((a - b) | 0) < 0;

/** `a` lies before `b`, or is `b`. */
export const seqLe = (a: number, b: number): boolean => ((a - b) | 0) <= 0;

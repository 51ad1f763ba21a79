/**
 * When something that was sent is taken for lost, before its retransmission time-out: recovery by time, after RFC 8985 (RACK
 * and tail loss probes), as far as it goes without SACK, which copies do not negotiate.
 *
 * Behind a duplicate acknowledgment, which shows that something arrived out of order, the first unacknowledged segment has a
 * quarter of a round trip to come (section 6.2, the reordering window). Where nothing comes at all, it is sent again as a
 * probe after two round trips (section 7.2): the tail of a flight has nothing behind it that could draw duplicates. The
 * 200 ms that section 7.2 allows for delayed acknowledgments, when one segment is in flight, are not waited for: a probe that
 * was not needed costs a packet between neighbours, and a late one holds up its connection.
 */
const PROBE_ROUND_TRIPS = 2;
const PROBE_MIN_MS = 4;
const REORDERING_ROUND_TRIPS = 0.25;
const REORDERING_MIN_MS = 1;

/** What a session begins with; stream offsets. */
export const LOSS_TIMER = {
  /** When the first unacknowledged segment is sent again; Infinity for never. */
  probeAt_ms: Infinity,
  /** The first unacknowledged offset for which that was done: one probe a flight, and the time-out does the rest. */
  probedFor: -1,
};

export type LossTimer = typeof LOSS_TIMER & {
  readonly unacknowledged: number;
  readonly smoothedRoundTrip_ms: number;
};

/** Something is in flight since now. */
export function arm(of: LossTimer, now_ms: number): void {
  if (of.probedFor === of.unacknowledged || of.smoothedRoundTrip_ms < 0) of.probeAt_ms = Infinity;
  else of.probeAt_ms = now_ms + Math.max(PROBE_ROUND_TRIPS * of.smoothedRoundTrip_ms, PROBE_MIN_MS);
}

/** A duplicate acknowledgment came. */
export function reordered(of: LossTimer, now_ms: number): void {
  if (of.probedFor === of.unacknowledged) return;
  const window_ms = Math.max(REORDERING_ROUND_TRIPS * of.smoothedRoundTrip_ms, REORDERING_MIN_MS);
  of.probeAt_ms = Math.min(of.probeAt_ms, now_ms + window_ms);
}

/** The first unacknowledged segment is being sent again. */
export function probed(of: LossTimer): void {
  of.probedFor = of.unacknowledged;
  of.probeAt_ms = Infinity;
}

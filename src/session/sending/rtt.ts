/** Round-trip estimation and the retransmission time-out (RFC 6298). All times in milliseconds. */

/** RFC 6298, rule 2.1. */
const RTO_INITIAL_MS = 1000;
/**
 * RFC 6298, rule 2.4 asks for 1 s "conservatively"; Linux uses 200 ms. Copies run between neighbouring machines, and a
 * lost request holds up its whole connection for as long as this.
 */
const RTO_MIN_MS = 100;
/** RFC 6298, rule 2.5: at least 60 s. */
const RTO_MAX_MS = 60_000;
const CLOCK_GRANULARITY_MS = 1;

/** What a session begins with. */
export const ROUND_TRIP = {
  /** Below 0 before the first sample. */
  smoothedRoundTrip_ms: -1,
  roundTripVariation_ms: 0,
  retransmitAfter_ms: RTO_INITIAL_MS,
};
export type RoundTrip = typeof ROUND_TRIP;

/** A round trip of a segment that was sent once (Karn's algorithm, RFC 6298, section 3). */
export function sample(of: RoundTrip, rtt_ms: number): void {
  const smoothed_ms = of.smoothedRoundTrip_ms;
  if (smoothed_ms < 0) {
    of.smoothedRoundTrip_ms = rtt_ms;
    of.roundTripVariation_ms = rtt_ms / 2;
  } else {
    of.roundTripVariation_ms = 0.75 * of.roundTripVariation_ms + 0.25 * Math.abs(smoothed_ms - rtt_ms);
    of.smoothedRoundTrip_ms = 0.875 * smoothed_ms + 0.125 * rtt_ms;
  }
  recover(of);
}

/** Doubles the time-out after it expired (rule 5.5). */
export function backOff(of: RoundTrip): void {
  of.retransmitAfter_ms = Math.min(of.retransmitAfter_ms * 2, RTO_MAX_MS);
}

/** Ends the back-off once new data is acknowledged: the estimate holds again. */
export function recover(of: RoundTrip): void {
  if (of.smoothedRoundTrip_ms < 0) {
    of.retransmitAfter_ms = RTO_INITIAL_MS;
    return;
  }
  const timeout_ms = of.smoothedRoundTrip_ms + Math.max(CLOCK_GRANULARITY_MS, 4 * of.roundTripVariation_ms);
  of.retransmitAfter_ms = Math.min(Math.max(timeout_ms, RTO_MIN_MS), RTO_MAX_MS);
}

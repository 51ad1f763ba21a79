/** The congestion window: slow start, congestion avoidance and fast recovery (RFC 5681, RFC 6582). Sizes in bytes. */

/** RFC 6928. */
const INITIAL_WINDOW_SEGMENTS = 10;
/** RFC 5681, section 3.2. */
const DUPLICATE_ACKS_BEFORE_RETRANSMIT = 3;

export type AckAdvice = 'none' | 'retransmit-first';

/** What a session begins with; `begin` comes before anything is sent. */
export const CONGESTION = {
  congestionSegment_bytes: 0,
  congestionWindow_bytes: 0,
  congestionThreshold_bytes: Infinity,
  duplicateAcks: 0,
  /** Recovery ends when everything up to here is acknowledged (RFC 6582, "recover"); below 0 outside of it. */
  recoverUntil: -1,
};
export type Congestion = typeof CONGESTION;

export function begin(of: Congestion, segment_bytes: number): void {
  of.congestionSegment_bytes = segment_bytes;
  of.congestionWindow_bytes = INITIAL_WINDOW_SEGMENTS * segment_bytes;
}

/** New data up to `offset` was acknowledged. A partial acknowledgment in recovery shows the next loss. */
export function acknowledged(of: Congestion, offset: number, acknowledged_bytes: number): AckAdvice {
  const segment_bytes = of.congestionSegment_bytes;
  const window_bytes = of.congestionWindow_bytes;
  of.duplicateAcks = 0;
  if (of.recoverUntil >= 0) {
    if (offset < of.recoverUntil) {
      of.congestionWindow_bytes = Math.max(window_bytes - acknowledged_bytes + segment_bytes, segment_bytes);
      return 'retransmit-first';
    }
    of.recoverUntil = -1;
    of.congestionWindow_bytes = of.congestionThreshold_bytes;
    return 'none';
  }
  const grown =
    window_bytes < of.congestionThreshold_bytes
      ? Math.min(acknowledged_bytes, 2 * segment_bytes)
      : (segment_bytes * segment_bytes) / window_bytes;
  of.congestionWindow_bytes = window_bytes + grown;
  return 'none';
}

/** An acknowledgment that says nothing new while data is in flight. @param sentUntil highest offset sent */
export function duplicate(of: Congestion, sentUntil: number, inFlight_bytes: number): AckAdvice {
  if (of.recoverUntil >= 0) {
    of.congestionWindow_bytes += of.congestionSegment_bytes;
    return 'none';
  }
  of.duplicateAcks += 1;
  if (of.duplicateAcks < DUPLICATE_ACKS_BEFORE_RETRANSMIT) return 'none';
  of.congestionThreshold_bytes = Math.max(inFlight_bytes / 2, 2 * of.congestionSegment_bytes);
  of.congestionWindow_bytes =
    of.congestionThreshold_bytes + DUPLICATE_ACKS_BEFORE_RETRANSMIT * of.congestionSegment_bytes;
  of.recoverUntil = sentUntil;
  return 'retransmit-first';
}

/** The retransmission timer expired (RFC 5681, section 3.1). */
export function timedOut(of: Congestion, inFlight_bytes: number): void {
  of.congestionThreshold_bytes = Math.max(inFlight_bytes / 2, 2 * of.congestionSegment_bytes);
  of.congestionWindow_bytes = of.congestionSegment_bytes;
  of.duplicateAcks = 0;
  of.recoverUntil = -1;
}

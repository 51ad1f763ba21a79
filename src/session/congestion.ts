/** The congestion window: slow start, congestion avoidance and fast recovery (RFC 5681, RFC 6582). Sizes in bytes. */

/** RFC 6928. */
const INITIAL_WINDOW_SEGMENTS = 10;
/** RFC 5681, section 3.2. */
const DUPLICATE_ACKS_BEFORE_RETRANSMIT = 3;

export type AckAdvice = 'none' | 'retransmit-first';

export class CongestionWindow {
  #segment_bytes: number;
  #window_bytes: number;
  #threshold_bytes = Infinity;
  #duplicates = 0;
  /** Recovery ends when everything up to here is acknowledged (RFC 6582, "recover"). */
  #recoverUntil = -1;

  constructor(segment_bytes: number) {
    this.#segment_bytes = segment_bytes;
    this.#window_bytes = INITIAL_WINDOW_SEGMENTS * segment_bytes;
  }

  get window_bytes(): number {
    return this.#window_bytes;
  }

  /** New data up to `offset` was acknowledged. A partial acknowledgment in recovery shows the next loss. */
  acknowledged(offset: number, acknowledged_bytes: number): AckAdvice {
    this.#duplicates = 0;
    if (this.#recoverUntil >= 0) {
      if (offset < this.#recoverUntil) {
        this.#window_bytes = Math.max(
          this.#window_bytes - acknowledged_bytes + this.#segment_bytes,
          this.#segment_bytes,
        );
        return 'retransmit-first';
      }
      this.#recoverUntil = -1;
      this.#window_bytes = this.#threshold_bytes;
      return 'none';
    }
    const grown =
      this.#window_bytes < this.#threshold_bytes
        ? Math.min(acknowledged_bytes, 2 * this.#segment_bytes)
        : (this.#segment_bytes * this.#segment_bytes) / this.#window_bytes;
    this.#window_bytes += grown;
    return 'none';
  }

  /** An acknowledgment that says nothing new while data is in flight. @param sentUntil highest offset sent */
  duplicate(sentUntil: number, inFlight_bytes: number): AckAdvice {
    if (this.#recoverUntil >= 0) {
      this.#window_bytes += this.#segment_bytes;
      return 'none';
    }
    this.#duplicates += 1;
    if (this.#duplicates < DUPLICATE_ACKS_BEFORE_RETRANSMIT) return 'none';
    this.#threshold_bytes = Math.max(inFlight_bytes / 2, 2 * this.#segment_bytes);
    this.#window_bytes = this.#threshold_bytes + DUPLICATE_ACKS_BEFORE_RETRANSMIT * this.#segment_bytes;
    this.#recoverUntil = sentUntil;
    return 'retransmit-first';
  }

  /** The retransmission timer expired (RFC 5681, section 3.1). */
  timedOut(inFlight_bytes: number): void {
    this.#threshold_bytes = Math.max(inFlight_bytes / 2, 2 * this.#segment_bytes);
    this.#window_bytes = this.#segment_bytes;
    this.#duplicates = 0;
    this.#recoverUntil = -1;
  }
}

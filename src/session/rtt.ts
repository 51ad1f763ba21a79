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

export class RoundTrip {
  #smoothed_ms: number | undefined;
  #variation_ms = 0;
  #timeout_ms = RTO_INITIAL_MS;

  get timeout_ms(): number {
    return this.#timeout_ms;
  }

  get smoothed_ms(): number | undefined {
    return this.#smoothed_ms;
  }

  /** A round trip of a segment that was sent once (Karn's algorithm, RFC 6298, section 3). */
  sample(rtt_ms: number): void {
    if (this.#smoothed_ms === undefined) {
      this.#smoothed_ms = rtt_ms;
      this.#variation_ms = rtt_ms / 2;
    } else {
      this.#variation_ms = 0.75 * this.#variation_ms + 0.25 * Math.abs(this.#smoothed_ms - rtt_ms);
      this.#smoothed_ms = 0.875 * this.#smoothed_ms + 0.125 * rtt_ms;
    }
    this.#settle();
  }

  /** Doubles the time-out after it expired (rule 5.5). */
  backOff(): void {
    this.#timeout_ms = Math.min(this.#timeout_ms * 2, RTO_MAX_MS);
  }

  /** Ends the back-off once new data is acknowledged: the estimate holds again. */
  recover(): void {
    this.#settle();
  }

  #settle(): void {
    if (this.#smoothed_ms === undefined) {
      this.#timeout_ms = RTO_INITIAL_MS;
      return;
    }
    const timeout_ms = this.#smoothed_ms + Math.max(CLOCK_GRANULARITY_MS, 4 * this.#variation_ms);
    this.#timeout_ms = Math.min(Math.max(timeout_ms, RTO_MIN_MS), RTO_MAX_MS);
  }
}

/**
 * When the client's next words may go to the test server: after the answer that the client had seen when it spoke.
 *
 * A client that sends while its acknowledgment stands still continues or pipelines, and is not held up. One whose
 * acknowledgment moved had read something of the online server: the copy waits until the test server has sent as much.
 * Identical answers make that exact, and it adds no round trip. Where the test server's answer is shorter, it counts as
 * come when it ended with PSH or FIN and then was silent for a moment; how much shorter is remembered, so that the next
 * such answer is recognised at once. A test server that sends nothing at all is waited for up to a limit, so that no
 * protocol can stall.
 */

/** Silence behind a PSH after which a shorter answer is taken as whole. */
const QUIET_MS = 2;
/** The longest wait for a test server that does not answer what the online server answered. */
const SILENCE_MAX_MS = 5000;
/** How quickly a remembered difference is forgotten when answers turn out whole. */
const TOLERANCE_DECAY = 0.875;

export class Exchange {
  /** Where the answer to the current words began: in the online server's stream, and in the test server's. */
  #onlineFrom = 1;
  #testFrom = 1;
  #started = false;
  #tolerance_bytes = 0;
  #lastResponse_ms = -Infinity;
  #lastResponseEnds = false;
  #waitingSince_ms: number | undefined;

  /** The test server's stream reached `next`. @param ends the segment carried PSH or FIN */
  responded(ends: boolean, now_ms: number): void {
    this.#lastResponse_ms = now_ms;
    this.#lastResponseEnds = ends;
  }

  /** The client's first acknowledgment: nothing of the online server's stream before it can be waited for. */
  begin(onlineAcknowledged: number): void {
    if (this.#started) return;
    this.#started = true;
    this.#onlineFrom = onlineAcknowledged;
  }

  /**
   * May words that were said at `onlineAcknowledged` go out now, with the test server's stream at `testNext`?
   *
   * @returns undefined when they may, else the time in milliseconds at which to ask again at the latest
   */
  holdUntil_ms(onlineAcknowledged: number, testNext: number, now_ms: number): number | undefined {
    const expected_bytes = onlineAcknowledged - this.#onlineFrom;
    if (expected_bytes <= 0) return undefined;
    const received_bytes = testNext - this.#testFrom;
    if (received_bytes >= expected_bytes) {
      this.#tolerance_bytes *= TOLERANCE_DECAY;
      this.#open(onlineAcknowledged, testNext);
      return undefined;
    }
    if (received_bytes > 0) {
      if (this.#lastResponseEnds && received_bytes >= expected_bytes - this.#tolerance_bytes) {
        this.#open(onlineAcknowledged, testNext);
        return undefined;
      }
      const quietAt_ms = this.#lastResponse_ms + (this.#lastResponseEnds ? QUIET_MS : SILENCE_MAX_MS);
      if (now_ms < quietAt_ms) return quietAt_ms;
      this.#tolerance_bytes = Math.max(this.#tolerance_bytes, expected_bytes - received_bytes);
      this.#open(onlineAcknowledged, testNext);
      return undefined;
    }
    this.#waitingSince_ms ??= now_ms;
    const giveUpAt_ms = this.#waitingSince_ms + SILENCE_MAX_MS;
    if (now_ms < giveUpAt_ms) return giveUpAt_ms;
    this.#open(onlineAcknowledged, testNext);
    return undefined;
  }

  #open(onlineAcknowledged: number, testNext: number): void {
    this.#onlineFrom = onlineAcknowledged;
    this.#testFrom = testNext;
    this.#waitingSince_ms = undefined;
  }
}

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

/** How long to wait where the test server's answer is not what the online server's was. */
export interface Patience {
  /** Silence behind a PSH after which a shorter answer is taken as whole. */
  readonly quiet_ms: number;
  /** The longest wait for a test server that says nothing, or stops in the middle. */
  readonly silence_ms: number;
}

/** The next words of a client: late ones hold up everything behind them, early ones are only pipelined. */
export const FOR_WORDS: Patience = { quiet_ms: 2, silence_ms: 5000 };

/** The end of a connection: a late one holds up nothing, an early one can cut off an answer, and its request. */
export const FOR_ENDING: Patience = { quiet_ms: 1000, silence_ms: 30_000 };

/** How quickly a remembered difference is forgotten when answers turn out whole. */
const TOLERANCE_DECAY = 0.875;

/** An answer of at least this share of the online server's can be the whole one when a connection ends. */
const LIKE_SHARE = 0.5;

export class Exchange {
  /** Where the answer to the current words began: in the online server's stream, and in the test server's. */
  #onlineFrom = 1;
  #testFrom = 1;
  #started = false;
  #tolerance_bytes = 0;
  #lastResponse_ms = -Infinity;
  #lastResponseEnds = false;
  #waitingSince_ms: number | undefined;

  /** @param unanswered told when something goes out although its answer never came */
  constructor(private readonly unanswered: () => void) {}

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
  holdUntil_ms(
    onlineAcknowledged: number,
    testNext: number,
    patience: Patience,
    now_ms: number,
  ): number | undefined {
    const expected_bytes = onlineAcknowledged - this.#onlineFrom;
    if (expected_bytes <= 0) return undefined;
    const received_bytes = testNext - this.#testFrom;
    if (received_bytes >= expected_bytes) {
      this.#tolerance_bytes *= TOLERANCE_DECAY;
      this.#open(onlineAcknowledged, testNext);
      return undefined;
    }
    const ended = this.#lastResponseEnds && received_bytes > 0;
    if (ended && patience === FOR_WORDS && received_bytes >= expected_bytes - this.#tolerance_bytes) {
      this.#open(onlineAcknowledged, testNext);
      return undefined;
    }
    const like = ended && (patience === FOR_WORDS || received_bytes >= expected_bytes * LIKE_SHARE);
    this.#waitingSince_ms ??= now_ms;
    const openAt_ms = like
      ? this.#lastResponse_ms + patience.quiet_ms
      : Math.max(this.#waitingSince_ms, this.#lastResponse_ms) + patience.silence_ms;
    if (now_ms < openAt_ms) return openAt_ms;
    if (received_bytes > 0)
      this.#tolerance_bytes = Math.max(this.#tolerance_bytes, expected_bytes - received_bytes);
    if (!like) this.unanswered();
    this.#open(onlineAcknowledged, testNext);
    return undefined;
  }

  #open(onlineAcknowledged: number, testNext: number): void {
    this.#onlineFrom = onlineAcknowledged;
    this.#testFrom = testNext;
    this.#waitingSince_ms = undefined;
  }
}

/**
 * Whether a test server resets connections as soon as it has accepted them. Its kernel acknowledges what comes until then,
 * and each request that it acknowledged so is in doubt: first words wait for the reset, so long as that may be of use.
 */

/** How long they wait; the next one is tried when a reset came behind words all the same. In vain it is a quarter of a second in all. */
const QUIET_MS = [0, 20, 60, 150] as const;

export class EarlyResets {
  #tried = 0;
  /** Connections that were opened before did not wait for so long. */
  #since_ms = -Infinity;
  /** A reset came before the words that waited for it. */
  #isProven = false;
  /** The longest wait was of no use: it resets because of what it is told. */
  #isVain = false;

  /** How long the first words of a connection that is opened now wait. */
  get quiet_ms(): number {
    return this.#isVain ? 0 : QUIET_MS[this.#tried]!;
  }

  /** It has reset a connection before it answered anything on it. @param openedAt_ms when the handshake was through */
  happened(wereWordsSaid: boolean, openedAt_ms: number, now_ms: number): void {
    if (!wereWordsSaid) {
      this.#isProven = true;
      return;
    }
    if (openedAt_ms < this.#since_ms) return;
    this.#since_ms = now_ms;
    if (this.#tried < QUIET_MS.length - 1) this.#tried += 1;
    else this.#isVain = !this.#isProven;
  }

  /** It has answered, on a connection whose handshake was through then. */
  answered(openedAt_ms: number): void {
    if (this.#tried === 0 || openedAt_ms < this.#since_ms) return;
    this.#tried = 0;
    this.#isProven = this.#isVain = false;
  }
}

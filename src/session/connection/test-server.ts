/** What all copies of one transfer share: what was learned of their test server, and how many ask it for a connection. */
import { Habits } from '../exchange/habits';
import { EarlyResets } from '../tables/early-resets';
import { Handshakes } from '../tables/handshakes';

/** What one round trip weighs among those before it, as RFC 6298 has it for a connection. */
const WEIGHT = 0.125;

export class TestServer<S> {
  readonly habits = new Habits();
  readonly earlyResets = new EarlyResets();
  readonly handshakes: Handshakes<S>;
  #roundTrip_ms = -1;
  #packetMax_bytes: number;

  /**
   * @param start begins the handshake of a session that had to wait
   * @param packetMax_bytes the largest packet that the path takes, as far as is known
   */
  constructor(start: (session: S) => void, packetMax_bytes: number) {
    this.handshakes = new Handshakes(start);
    this.#packetMax_bytes = packetMax_bytes;
  }

  /** Of the path; becomes smaller when the path turns out to be. */
  get packetMax_bytes(): number {
    return this.#packetMax_bytes;
  }

  limitPackets(packetMax_bytes: number): void {
    this.#packetMax_bytes = Math.min(this.#packetMax_bytes, packetMax_bytes);
  }

  /** Smoothed over all connections; below 0 before the first one. */
  get roundTrip_ms(): number {
    return this.#roundTrip_ms;
  }

  tookRoundTrip(roundTrip_ms: number): void {
    if (this.#roundTrip_ms < 0) this.#roundTrip_ms = roundTrip_ms;
    else this.#roundTrip_ms += WEIGHT * (roundTrip_ms - this.#roundTrip_ms);
  }
}

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

  /** @param start begins the handshake of a session that had to wait */
  constructor(start: (session: S) => void) {
    this.handshakes = new Handshakes(start);
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

/**
 * Proof that the guard catches: a segment that only it could have caught was caught a moment ago. Each carries a number
 * that nobody can guess, so that nothing else is taken for it. No clock and no socket of its own.
 */
import type { Address, Family } from '../wire/address/address';
import { endpointKey, type Endpoint, type EndpointKey } from '../wire/flow';
import { ACK, RST } from '../wire/tcp';
import { bareSegment, TTL_DEFAULT } from './bare-segment';

/** By family: an address that nobody has. */
export type Nobody = Readonly<Partial<Record<Family, Address>>>;

/** RFC 863: nobody answers there. */
export const DISCARD_PORT = 9;
/** It goes no further than the next hop, should it get out. */
const ONE_HOP = 1;

/** A response of the copied endpoint to one that does not answer resets, as the test server itself can send it. */
export const responseCanary = (copied: Endpoint, to: Endpoint, nonce: number): Uint8Array =>
  bareSegment({
    from: copied,
    to,
    sequence: nonce,
    acknowledgment: nonce,
    flags: RST | ACK,
    ttl: ONE_HOP,
  });

/**
 * What makes the test server answer to an address that nobody has: a segment of no connection is answered with a reset
 * whose sequence number is the one that it acknowledges (RFC 9293, section 3.10.7.1).
 */
export const provokingCanary = (copied: Endpoint, nobody: Endpoint, nonce: number): Uint8Array =>
  bareSegment({
    from: nobody,
    to: copied,
    sequence: 0,
    acknowledgment: nonce,
    flags: ACK,
    ttl: TTL_DEFAULT,
  });

export interface CanaryCounters {
  canaries_sent: number;
  canaries_caught: number;
  canaries_missed: number;
}

interface Flight {
  readonly nonce: number;
  readonly sentAt_ms: number;
}

interface Endpointed {
  /** Oldest first. */
  flights: Flight[];
  launchedAt_ms: number;
  /** When the last one that was caught had been sent. */
  provenAt_ms: number;
}

export class Canaries {
  readonly counters: CanaryCounters = { canaries_sent: 0, canaries_caught: 0, canaries_missed: 0 };
  readonly #endpoints = new Map<EndpointKey, Endpointed>();

  /**
   * @param patience_ms how long one may be under way; 0 where it is caught within the call that sends it, or never
   * @param random a number of 32 bits
   */
  constructor(
    private readonly patience_ms: number,
    private readonly random: () => number,
  ) {}

  /** @returns the number that the canary is to carry */
  launch({ address, port }: Endpoint, now_ms: number): number {
    const key = endpointKey(address, port);
    let known = this.#endpoints.get(key);
    if (!known)
      this.#endpoints.set(key, (known = { flights: [], launchedAt_ms: -Infinity, provenAt_ms: -Infinity }));
    while (known.flights.length > 0 && known.flights[0]!.sentAt_ms < now_ms - this.patience_ms) {
      known.flights.shift();
      this.counters.canaries_missed += 1;
    }
    const nonce = this.random();
    known.launchedAt_ms = now_ms;
    known.flights.push({ nonce, sentAt_ms: now_ms });
    this.counters.canaries_sent += 1;
    return nonce;
  }

  /** @returns false when it is none of ours, or is late */
  caught(address: number, port: number, nonce: number): boolean {
    const known = this.#endpoints.get(endpointKey(address, port));
    const index = known?.flights.findIndex((flight) => flight.nonce === nonce) ?? -1;
    if (!known || index < 0) return false;
    const [flight] = known.flights.splice(index, 1);
    known.provenAt_ms = Math.max(known.provenAt_ms, flight!.sentAt_ms);
    this.counters.canaries_caught += 1;
    return true;
  }

  /** None was sent for so long that there is nothing to judge by yet. To be asked before the next is launched. */
  isRested({ address, port }: Endpoint, now_ms: number): boolean {
    const known = this.#endpoints.get(endpointKey(address, port));
    return known === undefined || known.launchedAt_ms < now_ms - this.patience_ms;
  }

  /** One that was sent within the patience was caught. */
  isProven(copied: Endpoint, now_ms: number): boolean {
    return this.provenAt_ms(copied) >= now_ms - this.patience_ms;
  }

  /** When the last one that was caught had been sent: the guard stood then, whenever that was read. */
  provenAt_ms({ address, port }: Endpoint): number {
    return this.#endpoints.get(endpointKey(address, port))?.provenAt_ms ?? -Infinity;
  }
}

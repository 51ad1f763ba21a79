/** Which devices are captured on, and what is captured of this machine. */
import type { CapturedEndpoint } from './filter';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code = 'cannot-capture';
}

/** What is captured of this machine. */
export interface CaptureScope {
  readonly endpoints: readonly CapturedEndpoint[];
  /** The endpoints are other machines', whose packets a switch sends here too. */
  readonly mirrored: boolean;
  /** Clients of the loopback range too. */
  readonly loopback: boolean;
}

/** Stands for all of them, as in pcap(3). */
const ANY = 'any';

/**
 * An address may be on one device, and its packets come in by another: on the loopback device behind a load balancer (LVS,
 * direct routing), on a bridge with ports. So all are captured on where none are named.
 *
 * @returns undefined for all
 */
export const devicesAmong = (names: readonly string[] | undefined): readonly string[] | undefined =>
  names?.includes(ANY) ? undefined : names;

/** Which devices and addresses of this machine clients of the copied ports come in by. */
import type { CapturedEndpoint } from './filter';
import type { LocalAddress } from '../kernel/local-addresses';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code = 'cannot-capture';
}

/** What is captured of this machine. */
export interface CaptureScope {
  readonly endpoints: readonly CapturedEndpoint[];
  /** Clients of the loopback range too. */
  readonly loopback: boolean;
}

/** Devices with an address that clients use; the loopback device only where a copied address is on it, or asked for. */
export function devicesFor({ endpoints, loopback }: CaptureScope, local: readonly LocalAddress[]): string[] {
  const wanted = local.filter((one) =>
    endpoints.some(({ address }) =>
      address === undefined ? loopback || !one.loopback : address === one.address,
    ),
  );
  if (wanted.length === 0) {
    throw new CaptureError(
      'no network device of this machine has the IPv4 address that is copied: see ip addr',
    );
  }
  return [...new Set(wanted.map(({ device }) => device))];
}

/** Which devices and addresses of this machine clients of the copied ports come in by. */
import type { CapturedEndpoint } from './filter';
import type { LocalAddress } from '../kernel/local-addresses';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code = 'cannot-capture';
}

/** Devices with an address that clients use; the loopback device only where a copied address is on it. */
export function devicesFor(endpoints: readonly CapturedEndpoint[], local: readonly LocalAddress[]): string[] {
  const wanted = local.filter(({ address, loopback }) =>
    endpoints.some((endpoint) => (endpoint.address === undefined ? !loopback : endpoint.address === address)),
  );
  if (wanted.length === 0) {
    throw new CaptureError(
      'no network device of this machine has the IPv4 address that is copied: see ip addr',
    );
  }
  return [...new Set(wanted.map(({ device }) => device))];
}

/** Addresses that a copied endpoint stands for, host order. */
export const addressesOf = ({ address }: CapturedEndpoint, local: readonly LocalAddress[]): number[] =>
  address === undefined ? local.filter(({ loopback }) => !loopback).map((one) => one.address) : [address];

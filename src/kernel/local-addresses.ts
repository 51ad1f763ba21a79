/** The addresses of this machine, as capture needs them. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseAddress } from '../wire/flow';

export interface LocalAddress {
  readonly device: string;
  /** Host order. */
  readonly address: number;
  readonly text: string;
  readonly loopback: boolean;
}

export function localAddresses(): LocalAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, entries = []]) =>
    entries
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, internal }) => ({
        device,
        address: parseAddress(address)!,
        text: address,
        loopback: internal,
      })),
  );
}

/** Of the devices with an address that is not loopback; undefined when the kernel does not tell. */
export function smallestMtu_bytes(): number | undefined {
  const devices = new Set(localAddresses().flatMap(({ device, loopback }) => (loopback ? [] : [device])));
  const sizes = [...devices].map(mtuOf).filter((size) => size !== undefined);
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
}

function mtuOf(device: string): number | undefined {
  try {
    const size = Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8'));
    return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}

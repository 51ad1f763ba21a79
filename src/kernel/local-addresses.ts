/** The addresses of this machine, as capture needs them. */
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

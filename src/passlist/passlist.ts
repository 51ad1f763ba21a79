/**
 * Whom intercept lets responses through to: addresses, but for the ports that copies have there. An online server's own
 * programs use the test server, and its copies may come under its own address, from a range of ports that is theirs alone.
 */
import { formatAddress, isIpv6, parseAddress, type Address } from '../wire/address/address';
import { splitHost } from '../wire/flow';
import { formatRange, hasPort, parseRange, type PortRange } from './port-range';

/** Ports of an address on the passlist that copies come from. */
export interface OwnCopies {
  readonly address: Address;
  readonly ports: PortRange;
}

/** As it is told on the control channel. */
export interface PasslistEntries {
  readonly addresses: readonly Address[];
  readonly ownCopies: readonly OwnCopies[];
}

/** What is to be known of one or several passlists. */
export interface LettingThrough {
  /** Responses to this address are let through, at least those to some of its ports. */
  has(address: number): boolean;
  /** Responses to this endpoint are let through. */
  passes(address: number, port: number): boolean;
}

export class Passlist implements PasslistEntries, LettingThrough {
  readonly #addresses: ReadonlySet<number>;
  readonly #copies = new Map<number, PortRange[]>();

  constructor(
    readonly addresses: readonly number[] = [],
    readonly ownCopies: readonly OwnCopies[] = [],
  ) {
    this.#addresses = new Set(addresses);
    for (const { address, ports } of ownCopies)
      this.#copies.set(address, [...(this.#copies.get(address) ?? []), ports]);
  }

  has(address: number): boolean {
    return this.#addresses.has(address);
  }

  passes(address: number, port: number): boolean {
    return this.#addresses.has(address) && !this.isOwnCopy(address, port);
  }

  isOwnCopy(address: number, port: number): boolean {
    return this.#copies.get(address)?.some((ports) => hasPort(ports, port)) ?? false;
  }
}

/** What any of them lets through. */
export const anyOf = (passlists: readonly LettingThrough[]): LettingThrough => ({
  has: (address) => passlists.some((one) => one.has(address)),
  passes: (address, port) => passlists.some((one) => one.passes(address, port)),
});

/** `--own-copies` as it is typed for an address and the ports of its copies. */
export const formatOwnCopies = ({ address, ports }: OwnCopies): string =>
  `${isIpv6(address) ? `[${formatAddress(address)}]` : formatAddress(address)}:${formatRange(ports)}`;

/** The same read, or undefined. */
export function parseOwnCopies(text: string): OwnCopies | undefined {
  const { host = '', behind = '' } = splitHost(text) ?? {};
  const address = parseAddress(host);
  const ports = parseRange(behind);
  return address === undefined || !ports ? undefined : { address, ports };
}

/** The addresses of this machine as they come and go, such as the temporary ones of IPv6 (RFC 8981). */
import { watchAddresses } from '../../kernel/netlink/address-watch';
import type { LettingThrough } from '../../passlist/passlist';
import type { Address } from '../../wire/address/address';

export class OwnAddresses {
  readonly #watch = watchAddresses({ changed: () => undefined });

  /** It is one at present, as far as was read. */
  has(address: Address): boolean {
    return this.#watch.has(address);
  }

  /** The device that has it; undefined when it is another machine's. */
  deviceOf(address: Address): string | undefined {
    this.#watch.refresh();
    return this.#watch.addresses.deviceOf(address);
  }

  /** All that are no part of a prefix. */
  get single(): Address[] {
    return this.#watch.addresses.single.map(({ address }) => address);
  }

  close(): void {
    this.#watch.close();
  }
}

/** What this machine says to itself is let through, whatever a passlist knew of its addresses when it was made. */
export const orOwn = (passlist: LettingThrough, own: Pick<OwnAddresses, 'has'>): LettingThrough => ({
  has: (address) => passlist.has(address) || own.has(address),
  passes: (address, port) => (passlist.has(address) ? passlist.passes(address, port) : own.has(address)),
});

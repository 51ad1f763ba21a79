/** Says in the log which copied addresses came to this machine and left it, and which of `-x` it has not. */
import type { LocalAddresses } from '../kernel/netlink/local-addresses';
import { formatPrefix, isWithin, type LocalPrefix } from '../kernel/netlink/local-routes';
import type { Log } from '../process/log';
import { formatAddress, isLoopback } from '../wire/address/address';

/** Of many that come together these are named. */
const NAMED_MAX = 10;

export class AddressLog {
  readonly #waited = new Set<number>();

  /** @param addresses those of `-x`, host order; undefined for every one of this machine */
  constructor(
    private readonly addresses: readonly (number | undefined)[],
    private readonly log: Log,
  ) {}

  /** @param now what this machine has at present */
  tell(
    now: Pick<LocalAddresses, 'has'>,
    came: readonly LocalPrefix[] = [],
    gone: readonly LocalPrefix[] = [],
  ): void {
    this.#tellOf('addresses came', came);
    this.#tellOf('addresses gone', gone);
    for (const address of this.addresses)
      if (address !== undefined) this.#tellWaiting(address, now.has(address));
  }

  #tellOf(event: string, prefixes: readonly LocalPrefix[]): void {
    const names = prefixes
      .filter((prefix) => this.#isCopied(prefix))
      .map((prefix) => `${formatPrefix(prefix)} on ${prefix.device}`);
    if (names.length === 0) return;
    const more = names.length > NAMED_MAX ? { more: names.length - NAMED_MAX } : {};
    this.log.info(event, { addresses: names.slice(0, NAMED_MAX), ...more });
  }

  #isCopied(prefix: LocalPrefix): boolean {
    if (this.addresses.includes(undefined) && !isLoopback(prefix.address)) return true;
    return this.addresses.some((named) => named !== undefined && isWithin(prefix, named));
  }

  #tellWaiting(address: number, isHere: boolean): void {
    if (isHere) this.#waited.delete(address);
    if (isHere || this.#waited.has(address)) return;
    this.#waited.add(address);
    this.log.warning('waiting for address', {
      address: formatAddress(address),
      next: 'this machine does not have it (see ip addr): what comes for it is copied as soon as it has, from the first connection on',
    });
  }
}

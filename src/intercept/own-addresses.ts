/** Which device has an address of this machine, as it was a moment ago. */
import { LocalAddresses, localAddresses } from '../kernel/netlink/local-addresses';

const KNOWN_MAX_MS = 1000;

export class OwnAddresses {
  #addresses = new LocalAddresses([]);
  #readAt_ms = -Infinity;

  /** @param address host order @returns undefined when it is another machine's */
  deviceOf(address: number, now_ms: number): string | undefined {
    if (now_ms - this.#readAt_ms >= KNOWN_MAX_MS) {
      this.#readAt_ms = now_ms;
      this.#addresses = localAddresses();
    }
    return this.#addresses.deviceOf(address);
  }
}

/**
 * Devices that have an address of this machine, where all are captured on. No packet socket says that one of them is down;
 * but then clients come in no more.
 */
import type { LocalAddresses } from '../kernel/netlink/local-addresses';
import { isLoopback } from '../wire/address/address';

export interface DeviceStates {
  readonly addresses: LocalAddresses;
  /** Undefined when there is no such device. */
  isUp(device: string): boolean | undefined;
}

export interface StateEvents {
  /** @param reason an errno name */
  lost(device: string, reason: string): void;
  found(device: string): void;
}

export class AddressedDevices {
  readonly #isUp = new Map<string, boolean>();

  constructor(
    private readonly states: DeviceStates,
    private readonly events: StateEvents,
  ) {
    this.#meet();
  }

  /** To be called when something happened to a device, or to an address. */
  attend(): void {
    for (const [device, was] of this.#isUp) {
      const is = this.states.isUp(device);
      if (is === undefined) this.#isUp.delete(device);
      else this.#isUp.set(device, is);
      if (was && is === false) this.events.lost(device, 'ENETDOWN');
      else if (!was && is) this.events.found(device);
    }
    this.#meet();
  }

  /** Devices that are down from the beginning, and have addresses all the same, are not lost. */
  #meet(): void {
    for (const { device, address } of this.states.addresses.prefixes) {
      if (isLoopback(address) || this.#isUp.has(device)) continue;
      this.#isUp.set(device, this.states.isUp(device) ?? false);
    }
  }
}

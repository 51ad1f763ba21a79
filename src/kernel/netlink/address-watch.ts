/** The addresses of this machine, kept up to date while they come and go. */
import { attachFilter } from '../filter/attach-filter';
import { openBackend } from '../backend';
import { openKernel, type Kernel } from '../kernel';
import { LocalAddresses, localAddresses } from './local-addresses';
import { localRouteFilter } from './local-route-filter';
import { readLocalRoutes, type LocalPrefix } from './local-routes';
import { NETLINK_ROUTE, NetlinkError, NetlinkSocket } from './netlink';
import { linkOf } from './rtnetlink';

export interface AddressEvents {
  /** @param came prefixes that were not there before @param gone those that are there no longer */
  changed(came: readonly LocalPrefix[], gone: readonly LocalPrefix[]): void;
  /** Something happened to a device of this machine: it came, went up or down, or goes. */
  deviceChanged?(): void;
}

export interface AddressWatch {
  readonly addresses: LocalAddresses;
  /** Whether it is one at present. */
  has(address: number): boolean;
  /** Reads what was told up to now, which else is read soon. @returns whether addresses changed */
  refresh(): boolean;
  close(): void;
}

/** The kernel tells; where it cannot be called (no koffi), its devices are looked at again and again. @throws NetlinkError */
export const watchAddresses = (events: AddressEvents): AddressWatch =>
  openBackend<AddressWatch>(
    'auto',
    () => new KernelAddressWatch(openKernel(), events),
    () => new PolledAddressWatch(events),
  );

/** Of linux/rtnetlink.h. */
const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_ROUTE = 0x40;
const RTMGRP_IPV6_ROUTE = 0x400;

export class KernelAddressWatch implements AddressWatch {
  /** It only rings: what there is then is asked for, so that nothing is lost when the kernel has more to tell than fits. */
  readonly #bell: NetlinkSocket;
  readonly #socket: NetlinkSocket;
  readonly #stopWatching: () => void;
  /** The bell has rung since it was read. */
  #isStale = false;
  addresses: LocalAddresses;

  constructor(
    kernel: Kernel,
    private readonly events: AddressEvents,
  ) {
    this.#bell = new NetlinkSocket(kernel, NETLINK_ROUTE);
    this.#socket = new NetlinkSocket(kernel, NETLINK_ROUTE);
    try {
      const refusal = attachFilter(kernel, this.#bell.descriptor, localRouteFilter());
      if (refusal !== undefined) throw new NetlinkError('SO_ATTACH_FILTER', refusal);
      this.#bell.hear(RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
      this.addresses = new LocalAddresses(readLocalRoutes(this.#socket));
    } catch (error) {
      this.#bell.close();
      this.#socket.close();
      throw error;
    }
    this.#stopWatching = kernel.watchReadable(this.#bell.descriptor, () => {
      this.refresh();
      return 0;
    });
  }

  has(address: number): boolean {
    return this.addresses.has(address);
  }

  refresh(): boolean {
    if (this.#bell.heard()) {
      this.#isStale = true;
      this.events.deviceChanged?.();
    }
    return this.#isStale && this.#read();
  }

  /** @returns undefined when there is no such device, or the kernel cannot be asked */
  isUp(device: string): boolean | undefined {
    try {
      return linkOf(this.#socket, device)?.isUp;
    } catch (error) {
      if (error instanceof NetlinkError) return undefined;
      throw error;
    }
  }

  #read(): boolean {
    const before = this.addresses;
    try {
      this.addresses = new LocalAddresses(readLocalRoutes(this.#socket));
    } catch (error) {
      // Those that are known stay, and it is tried again.
      if (error instanceof NetlinkError) return false;
      throw error;
    }
    this.#isStale = false;
    return tellChanges(this.events, before, this.addresses);
  }

  close(): void {
    this.#stopWatching();
    this.#bell.close();
    this.#socket.close();
  }
}

const LOOK_EVERY_MS = 1000;

class PolledAddressWatch implements AddressWatch {
  readonly #timer: NodeJS.Timeout;
  addresses = localAddresses();

  constructor(events: AddressEvents) {
    this.#timer = setInterval(() => {
      const before = this.addresses;
      this.addresses = localAddresses();
      events.deviceChanged?.();
      tellChanges(events, before, this.addresses);
    }, LOOK_EVERY_MS);
  }

  has(address: number): boolean {
    return this.addresses.has(address);
  }

  refresh(): boolean {
    return false;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** @returns whether there are any */
function tellChanges(events: AddressEvents, before: LocalAddresses, now: LocalAddresses): boolean {
  const came = now.without(before);
  const gone = before.without(now);
  const any = came.length + gone.length > 0;
  if (any) events.changed(came, gone);
  return any;
}

/**
 * Under which address and port each copy speaks to the test server: the client's own where that is possible, and always
 * one that no other copy uses at that server. Under an address of this machine it is one of a range of ports, and none that
 * a program holds. Of several workers each takes endpoints of its own share, as clients' are shared out: what one takes is no other's.
 */
import { ConnectionTable } from '../../wire/tables/connection-table';
import { portsIn, type PortRange } from '../../passlist/port-range';
import type { Route } from '../../wire/reply';
import { familyOf, isLoopback, wordOf, type Address } from '../../wire/address/address';
import { spread } from '../../wire/spread';
import { isOfShare, type Share } from '../../wire/tables/share';

/** The ports that copies may use: all but the well-known ones (RFC 6335, section 6). */
const PORT_FIRST = 1024;
/** No connection has it. */
const NO_PORT = 0;
export const PORTS_PER_ADDRESS = 0x10000 - PORT_FIRST;
/** Steps through the ports; has no divisor in common with their number, so that every one is reached. */
const STEP = 24_335;
/** How far apart the copies of one connection begin to look for a port. */
const COPY_STRIDE = 6301;
/** So many instances (`-f`) share the ports evenly. */
const SHIFTS = 1024;
const SHIFT_STRIDE = PORTS_PER_ADDRESS / SHIFTS;

/** Where copies go. */
export interface TestEndpoint {
  readonly testAddress: Address;
  readonly testPort: number;
}

export interface SourceOptions {
  /** Addresses that copies speak from; empty for the clients' own. */
  readonly addresses: readonly number[];
  /** Of these, the ones that this machine has itself, and the ports of them that copies may use. */
  readonly own?: { readonly addresses: readonly number[]; readonly ports: PortRange } | undefined;
  /** 0 to 1023: keeps several instances at one test server apart. */
  readonly portShift: number;
  /** Address that stands for clients of the loopback range; undefined leaves them as they are. */
  readonly loopbackAddress: number | undefined;
  /** Of a worker; undefined for all. */
  readonly share?: Share | undefined;
  /** Whether a program of this machine holds this port of its own address. */
  readonly isHeld?: (route: Route) => boolean;
}

export class SourceEndpoints<Owner> {
  readonly #owners = new ConnectionTable<Owner>();
  /** Ports in use, by source address and server: a connection from no port stands for all of an address. */
  readonly #used = new ConnectionTable<number>();
  readonly #own: ReadonlySet<number>;
  /** Where no port was found: how many were in use then. */
  readonly #full = new ConnectionTable<number>();
  /** Of own addresses, by address and server: the port that was chosen last. */
  readonly #latest = new ConnectionTable<number>();

  constructor(private readonly options: SourceOptions) {
    this.#own = new Set(options.own?.addresses);
  }

  ownerOf(route: Route): Owner | undefined {
    return this.#owners.get(route);
  }

  /** This machine has the address itself. @param address host order */
  isOwn(address: number): boolean {
    return this.#own.has(address);
  }

  /** A program of this machine may have a connection there: nothing may be reset in its name. */
  isHeld(route: Route): boolean {
    return this.isOwn(route.clientAddress) && (this.options.isHeld?.(route) ?? false);
  }

  /** The addresses that a client's copy may have, the preferred one first. */
  addressesFor(clientAddress: number, copy: number): readonly number[] {
    const { addresses, loopbackAddress } = this.options;
    if (addresses.length > 0) {
      const first = (spread(wordOf(clientAddress)) + copy) % addresses.length;
      return [...addresses.slice(first), ...addresses.slice(0, first)];
    }
    return [isLoopback(clientAddress) && loopbackAddress !== undefined ? loopbackAddress : clientAddress];
  }

  /** Whether its copy can have an address of the test server's family. */
  reaches(clientAddress: Address, testAddress: Address): boolean {
    const family = familyOf(testAddress);
    return this.addressesFor(clientAddress, 0).some((address) => familyOf(address) === family);
  }

  /** A free endpoint for a client's copy; undefined when every port of its addresses is in use. */
  choose(clientAddress: number, clientPort: number, test: TestEndpoint, copy: number): Route | undefined {
    for (const address of this.addressesFor(clientAddress, copy)) {
      if (familyOf(address) !== familyOf(test.testAddress)) continue;
      const route = this.isOwn(address)
        ? this.#freeOwn(address, test)
        : this.#free(address, clientPort, test, copy);
      if (route) return route;
    }
    return undefined;
  }

  take(route: Route, owner: Owner): void {
    if (this.#owners.get(route) === undefined) this.#count(route, 1);
    this.#owners.set(route, owner);
  }

  release(route: Route): void {
    if (this.#owners.get(route) === undefined) return;
    this.#owners.delete(route);
    this.#count(route, -1);
  }

  #free(clientAddress: number, port: number, test: TestEndpoint, copy: number): Route | undefined {
    const { portShift } = this.options;
    if (copy === 0 && portShift === 0) {
      const own = routeFrom(clientAddress, port, test);
      if (this.#isFree(own)) return own;
    }
    const all = routeFrom(clientAddress, NO_PORT, test);
    const used = this.#used.get(all) ?? 0;
    if (used >= (this.#full.get(all) ?? PORTS_PER_ADDRESS)) return undefined;
    const first = port - PORT_FIRST + PORTS_PER_ADDRESS + copy * COPY_STRIDE + portShift * SHIFT_STRIDE;
    for (let turn = 0; turn < PORTS_PER_ADDRESS; turn += 1) {
      const next = PORT_FIRST + ((first + turn * STEP) % PORTS_PER_ADDRESS);
      const route = routeFrom(clientAddress, next, test);
      if (this.#isFree(route)) return route;
    }
    // All that are this worker's, as many as they may be.
    this.#full.set(all, used);
    return undefined;
  }

  #isFree(route: Route): boolean {
    if (this.#owners.get(route) !== undefined) return false;
    const { share } = this.options;
    return !share || isOfShare(share, route.clientAddress, route.clientPort);
  }

  /** The port that was left longest ago: what is still under way for it has had most time to arrive. */
  #freeOwn(address: number, test: TestEndpoint): Route | undefined {
    const { ports } = this.options.own!;
    const count = portsIn(ports);
    const all = routeFrom(address, NO_PORT, test);
    if ((this.#used.get(all) ?? 0) >= count) return undefined;
    const first = this.#latest.get(all) ?? this.#firstOwn(ports) - 1;
    for (let turn = 1; turn <= count; turn += 1) {
      const port = ports.first + ((first + turn - ports.first) % count);
      const route = routeFrom(address, port, test);
      if (!this.#isFree(route) || this.isHeld(route)) continue;
      this.#latest.set(all, port);
      return route;
    }
    return undefined;
  }

  #firstOwn(ports: PortRange): number {
    return ports.first + Math.floor((this.options.portShift * portsIn(ports)) / SHIFTS);
  }

  #count(route: Route, change: number): void {
    const { clientAddress, serverAddress, serverPort } = route;
    const all: Route = { clientAddress, clientPort: NO_PORT, serverAddress, serverPort };
    const used = (this.#used.get(all) ?? 0) + change;
    if (used === 0) {
      this.#used.delete(all);
      this.#full.delete(all);
    } else this.#used.set(all, used);
  }
}

const routeFrom = (
  clientAddress: number,
  clientPort: number,
  { testAddress, testPort }: TestEndpoint,
): Route => ({ clientAddress, clientPort, serverAddress: testAddress, serverPort: testPort });

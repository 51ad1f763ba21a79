/** Copies under addresses of this machine: which of their ports are free, and what stands in the way of them. */
import { HeldPorts } from '../kernel/netlink/held-ports';
import { openKernel } from '../kernel/kernel';
import { localPortRange } from '../kernel/local-ports';
import { passedOf, reachesInto } from '../passlist/own-ports';
import { formatOwnCopies, type PasslistEntries } from '../passlist/passlist';
import { formatRange, portsIn } from '../passlist/port-range';
import type { Log } from '../process/log';
import type { EngineOptions, OwnSources as Own } from '../session/contract';
import { PORTS_PER_ADDRESS } from '../session/tables/source-endpoints';
import { FAMILIES, familyOf, formatAddress } from '../wire/address/address';
import type { Route } from '../wire/reply';

export class OwnSources {
  readonly #held: HeldPorts;
  /** By intercept. */
  readonly #told = new Map<string, string>();

  /** @throws when the kernel does not tell which ports are held */
  constructor(
    private readonly own: Own,
    private readonly log: Log,
  ) {
    const { first, last } = own.ports;
    try {
      this.#held = new HeldPorts(openKernel(), first, last);
    } catch (cause) {
      const why = (cause as Error).message;
      throw new Error(
        `cannot be told which ports of this machine programs hold (${why}), so that no copy can come from its addresses: modprobe tcp_diag`,
        { cause },
      );
    }
    const given = localPortRange();
    const reason = given && reachesInto(given, own.ports);
    if (reason !== undefined) log.warning('source ports may be given to programs', reason);
  }

  isHeld(route: Route): boolean {
    return this.#held.isHeld(route);
  }

  /** Says which copies an intercept's passlist refuses. */
  tellPasslist(intercept: string, entries: PasslistEntries): void {
    const passed = passedOf(this.own, entries);
    const state = passed.map(formatAddress).join(',');
    if (this.#told.get(intercept) === state) return;
    this.#told.set(intercept, state);
    for (const address of passed)
      this.log.warning('copies refused', {
        reason: `${intercept} lets through what is sent to ${formatAddress(address)}, and ports ${formatRange(this.own.ports)} are not excepted`,
        next: `intercept --own-copies ${formatOwnCopies({ address, ports: this.own.ports })}`,
      });
  }

  close(): void {
    this.#held.close();
  }
}

/** What is to be said when all ports are taken. */
export function portsExhausted({ own, copies = 1, sourceAddresses = [] }: EngineOptions): {
  readonly ports_per_address: number;
  readonly next: string;
} {
  const each = copies === 1 ? 'one' : `${copies} (-n)`;
  if (!own)
    return {
      ports_per_address: PORTS_PER_ADDRESS,
      next: `each open connection takes as many of the ${PORTS_PER_ADDRESS} ports of its source address as -n says: give a smaller -n, or more source addresses with -c`,
    };
  const count = portsIn(own.ports);
  // A copy has an address of its test server's family.
  const addresses = Math.max(
    ...FAMILIES.map((family) => sourceAddresses.filter((address) => familyOf(address) === family).length),
  );
  const most = Math.floor((count * addresses) / copies);
  return {
    ports_per_address: count,
    next: `each open connection takes ${each} of the ${count} ports ${formatRange(own.ports)} of an address of -c (${addresses}), so that ${most} are open at one test server at most: give wider --source-ports, and intercept --own-copies the same, or more addresses with -c`,
  };
}

/** Copies under addresses of this machine: which of their ports are free, what stands in the way of them, and what routers say. */
import { listenForTooBig } from '../../inject/too-big-listener';
import { HeldPorts } from '../../kernel/netlink/held-ports';
import { openKernel } from '../../kernel/kernel';
import { localPortRange } from '../../kernel/local-ports';
import { passedOf, reachesInto, usedByPrograms } from '../../passlist/own-ports';
import { formatOwnCopies, type PasslistEntries } from '../../passlist/passlist';
import { formatRange, portsIn } from '../../passlist/port-range';
import type { Log } from '../../process/log';
import type { EngineOptions, OwnSources as Own } from '../../session/contract';
import { PORTS_PER_ADDRESS } from '../../session/tables/source-endpoints';
import { FAMILIES, familyOf, formatAddress } from '../../wire/address/address';
import type { Endpoint } from '../../wire/flow';
import type { TooBig } from '../../wire/ip/too-big';
import type { Route } from '../../wire/reply';

export class OwnSources {
  readonly #held: HeldPorts;
  /** By intercept. */
  readonly #told = new Map<string, string>();
  /** The smallest packets that were told of, by test server. */
  readonly #paths = new Map<string, number>();
  readonly #stopListening: () => void;

  /**
   * @param servers that are copied to
   * @param tooBig told of each packet that did not go on for its size; @returns whether it was a copy's
   * @throws when the kernel does not tell which ports are held
   */
  constructor(
    private readonly own: Own,
    servers: readonly Endpoint[],
    tooBig: (told: TooBig) => boolean,
    private readonly log: Log,
  ) {
    const { first, last } = own.ports;
    const kernel = openKernel();
    try {
      this.#held = new HeldPorts(kernel, first, last);
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
    const used = usedByPrograms(own, this.#held.connectionsTo(servers));
    if (used) log.warning('source ports are used by programs', used);
    this.#stopListening = listenForTooBig(kernel, (told) => {
      if (tooBig(told)) this.#tellPath(told);
    });
  }

  isHeld(route: Route): boolean {
    return this.#held.isHeld(route);
  }

  /** Says which copies an intercept's passlist refuses. */
  tellPasslist(intercept: string, entries: PasslistEntries): void {
    const passed = passedOf(this.own, entries);
    const excepted = entries.ownCopies.map(formatOwnCopies).join(',');
    const state = `${passed.map(formatAddress).join(',')} ${excepted}`;
    if (this.#told.get(intercept) === state) return;
    this.#told.set(intercept, state);
    for (const address of passed)
      this.log.warning('copies refused', {
        reason: `${intercept} lets through what is sent to ${formatAddress(address)}, and not all ports ${formatRange(this.own.ports)} are excepted${excepted === '' ? '' : ` (--own-copies ${excepted})`}`,
        next: `intercept --own-copies ${formatOwnCopies({ address, ports: this.own.ports })}`,
      });
  }

  close(): void {
    this.#stopListening();
    this.#held.close();
  }

  #tellPath({ route, mtu_bytes }: TooBig): void {
    const server = formatAddress(route.serverAddress);
    if (mtu_bytes >= (this.#paths.get(server) ?? Infinity)) return;
    this.#paths.set(server, mtu_bytes);
    this.log.info('path takes smaller packets', {
      test_server: server,
      mtu_bytes,
      next: `copies are cut to that from now on; -M ${mtu_bytes} saves finding it out again`,
    });
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

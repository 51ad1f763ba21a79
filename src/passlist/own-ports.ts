/** What stands in the way of copies under addresses of the machine that copies: passlists, and programs that are given their ports. */
import { formatEndpoint } from '../wire/flow';
import type { Route } from '../wire/reply';
import { Passlist, type PasslistEntries } from './passlist';
import { formatRange, overlapOf, portsIn, type PortRange } from './port-range';

/** Ports of addresses (host order) that copies come from. */
export interface OwnPorts {
  readonly addresses: readonly number[];
  readonly ports: PortRange;
}

/** Addresses of this machine from some of whose ports copies would be answered to its kernel. */
export function passedOf({ addresses, ports }: OwnPorts, entries: PasslistEntries): number[] {
  const passlist = new Passlist(entries.addresses, entries.ownCopies);
  return addresses.filter((address) => {
    for (let port = ports.first; port <= ports.last; port += 1)
      if (passlist.passes(address, port)) return true;
    return false;
  });
}

/** Why programs may be given ports of the copies, and what to do; undefined when they are not. */
export function reachesInto(
  given: PortRange,
  ports: PortRange,
): { readonly reason: string; readonly next: string } | undefined {
  const both = overlapOf(given, ports);
  if (portsIn(both) === 0) return undefined;
  const mend =
    given.first < ports.first
      ? `sysctl -w net.ipv4.ip_local_port_range="${given.first} ${ports.first - 1}"`
      : `sysctl -w net.ipv4.ip_local_port_range="<first> ${ports.first - 1}"`;
  return {
    reason: `ip_local_port_range is ${formatRange(given)}, and ${portsIn(both)} of the ${portsIn(ports)} ports of --source-ports ${formatRange(ports)} are in it: a program that is given one of these is not answered by the test server`,
    next: `${mend}, or other --source-ports`,
  };
}

/** Of many connections as many are named. */
const NAMED_MAX = 3;

/**
 * Of programs that speak to a test server from ports of the copies, and what to do; undefined where none does. Nobody there can
 * tell them from what copies have left behind.
 */
export function usedByPrograms(
  { addresses, ports }: OwnPorts,
  connections: readonly Route[],
): { readonly reason: string; readonly next: string } | undefined {
  const used = connections.filter(({ clientAddress }) => addresses.includes(clientAddress));
  if (used.length === 0) return undefined;
  const named = used
    .slice(0, NAMED_MAX)
    .map(({ clientAddress, clientPort }) => formatEndpoint(clientAddress, clientPort));
  const more = used.length > NAMED_MAX ? ', …' : '';
  return {
    reason: `${used.length} connection${used.length === 1 ? '' : 's'} of programs to the test server from --source-ports ${formatRange(ports)} (${named.join(', ')}${more}): while intercept runs nothing there is answered, and it resets them on the test server`,
    next: `ss -tnp "sport >= ${ports.first} and sport <= ${ports.last}" names the programs: have them use other ports, or give other --source-ports`,
  };
}

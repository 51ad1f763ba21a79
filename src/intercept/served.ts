/**
 * Which test servers a tcpcopy may copy to: those of this machine, and those that are named. What it greets with is proven
 * again and again, and what is open there is reset in the end: nobody has that done to somebody else's.
 */
import type { Log } from '../process/log';
import { formatAddress, type Address } from '../wire/address/address';
import { formatEndpoint, type Endpoint } from '../wire/flow';
import type { InterceptOptions } from './options';
import type { OwnAddresses } from './replies/own-addresses';

/** @returns why it may not copy to them, or undefined */
export type WhyNotServed = (endpoints: readonly Endpoint[]) => string | undefined;

type Wishes = Pick<InterceptOptions, 'caught' | 'guarded' | 'peerEndpoints_max'>;

/** @param own asked at each greeting, as addresses come and go */
export function servedBy(
  { caught, guarded, peerEndpoints_max: max }: Wishes,
  own: Pick<OwnAddresses, 'deviceOf'>,
  log: Log,
): WhyNotServed {
  const named = new Set<Address>(guarded);
  const isAnyServed = caught.by === 'capture' && guarded === undefined;
  if (isAnyServed)
    log.warning('test servers not named', {
      reason:
        'a tcpcopy may have the responses of any server caught here: there is no --guarded, and the test servers are other machines',
      next: 'name them: --guarded <address of the test server>,…',
    });
  // Nothing is let on here, and capturing guards nothing of this machine's own.
  const isServed = (address: Address): boolean =>
    isAnyServed || named.has(address) || (caught.by === 'queue' && own.deviceOf(address) !== undefined);
  return (endpoints) => {
    if (endpoints.length > max)
      return `it copies to ${endpoints.length} ports of test servers, and may to ${max}: see --peer-endpoints of intercept`;
    const foreign = endpoints.find(({ address }) => !isServed(address));
    if (!foreign) return undefined;
    const address = formatAddress(foreign.address);
    const server = formatEndpoint(foreign.address, foreign.port);
    return caught.by === 'queue'
      ? `it may not copy to ${server} here: ${address} is no address of this machine; run intercept on the test server itself (see -x and -s of tcpcopy), or give it --guarded ${address}`
      : `it may not copy to ${server} here: --guarded of intercept does not name ${address}`;
  };
}

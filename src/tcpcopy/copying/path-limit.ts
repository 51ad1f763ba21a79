/** How large packets to a test server may be, by what is known of the way there. */
import type { Way } from '../../inject/sink';
import { isIpv6, type Address } from '../../wire/address/address';
import { IPV6_MTU_MIN_BYTES } from '../../wire/ip/too-big';
import type { TcpcopyOptions } from '../options/options';

/**
 * A router tells who a packet comes from that it was too big. Clients must not hear of it, and we would not: over IPv6 every path
 * takes so much.
 *
 * @returns undefined where nothing is known
 */
export function pathLimit_bytes(
  testAddress: Address,
  { isRouted, mtu_bytes }: Way,
  { mtuIsGiven, engine }: Pick<TcpcopyOptions, 'mtuIsGiven' | 'engine'>,
): number | undefined {
  if (mtuIsGiven) return undefined;
  return isRouted && isIpv6(testAddress) && !hearsRoutersOverIpv6(engine) ? IPV6_MTU_MIN_BYTES : mtu_bytes;
}

/** All addresses that copies have over IPv6 are this machine's. */
const hearsRoutersOverIpv6 = ({ own, sourceAddresses = [] }: TcpcopyOptions['engine']): boolean =>
  own !== undefined && sourceAddresses.every((one) => !isIpv6(one) || own.addresses.includes(one));

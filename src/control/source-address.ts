/** Where a connection comes from, as Node tells it, made comparable: in one form, and by the network that one party may have all of. */
import { formatIpv6, parseIpv6 } from '../wire/address/address';

export interface SourceAddress {
  /** As `formatAddress` writes it. */
  readonly text: string;
  /** Addresses of the same one count together: of IPv4 each for itself, of IPv6 by the first 64 bits (RFC 6177). */
  readonly network: string;
}

/** @param remote of a socket; undefined where it is closed already */
export function sourceAddress(remote = '?'): SourceAddress {
  // A socket of both families has IPv4 addresses mapped (RFC 4291, section 2.5.5.2); a zone says nothing of who it is.
  const text = remote.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  const bytes = parseIpv6(text);
  if (!bytes) return { text, network: text };
  return { text: formatIpv6(bytes, 0), network: formatIpv6(bytes.fill(0, 8), 0) };
}

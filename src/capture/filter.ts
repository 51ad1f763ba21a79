/** The capture filter (pcap-filter(7)): only packets of clients to the copied ports. */
import type { CapturedEndpoint } from '../kernel/filter/endpoint-filter';
import { formatAddress } from '../wire/address/address';

export type { CapturedEndpoint };

/** Which addresses are this machine's is looked at behind it. */
export function captureFilter(endpoints: readonly CapturedEndpoint[]): string {
  const terms = endpoints.map(({ address, port }) =>
    address === undefined
      ? `tcp dst port ${port}`
      : `(tcp dst port ${port} and dst host ${formatAddress(address)})`,
  );
  return [...new Set(terms)].join(' or ');
}

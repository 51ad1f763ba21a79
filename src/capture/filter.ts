/** The capture filter (pcap-filter(7)): only packets of clients to the copied ports of this machine. */
import { formatAddress } from '../wire/flow';

export interface CapturedEndpoint {
  /** Host order; undefined for every local address. */
  readonly address: number | undefined;
  readonly port: number;
}

/** An endpoint with every address that it stands for, host order. */
export interface ResolvedEndpoint {
  readonly addresses: readonly number[];
  readonly port: number;
}

export function captureFilter(endpoints: readonly ResolvedEndpoint[]): string {
  const terms = endpoints.map(({ addresses, port }) => {
    const hosts = addresses.map((address) => `dst host ${formatAddress(address)}`);
    return `(tcp dst port ${port} and (${hosts.join(' or ')}))`;
  });
  return [...new Set(terms)].join(' or ');
}

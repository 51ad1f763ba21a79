/** The capture filter (pcap-filter(7)): only packets of clients to the copied ports of this machine. */
import { formatAddress } from '../wire/flow';

export interface CapturedEndpoint {
  /** Host order; undefined for every local address. */
  readonly address: number | undefined;
  readonly port: number;
}

/** @param local this machine's addresses, host order */
export function captureFilter(endpoints: readonly CapturedEndpoint[], local: readonly number[]): string {
  const terms = endpoints.map(({ address, port }) => {
    const hosts = (address === undefined ? local : [address]).map((one) => `dst host ${formatAddress(one)}`);
    return `(tcp dst port ${port} and (${hosts.join(' or ')}))`;
  });
  return [...new Set(terms)].join(' or ');
}

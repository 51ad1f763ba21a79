/** `-c` with addresses of this machine, and `--source-ports`: where such copies can be, and which ports they have. */
import { parseRange } from '../../passlist/port-range';
import type { OptionReader } from '../../process/option-reader';
import type { EngineOptions, OwnSources } from '../../session/contract';
import { formatAddress } from '../../wire/address/address';
import type { InterceptEndpoint } from './intercepts';
import { SOURCE_PORTS_DEFAULT } from './specs';

/** The well-known ones are servers' (RFC 6335, section 6). */
const PORT_MIN = 1024;

/**
 * @param local addresses of this machine (host order)
 * @param intercepts those that `-s` lists
 * @returns undefined when `-c` names no address of this machine
 */
export function readOwnSources(
  reader: OptionReader,
  { transfers, sourceAddresses = [] }: EngineOptions,
  local: { has(address: number): boolean },
  intercepts: readonly InterceptEndpoint[],
): OwnSources | undefined {
  const ports = reader.parsed(
    'source-ports',
    `a range of ports from ${PORT_MIN} on, such as 61000-65535`,
    (text) => {
      const range = parseRange(text);
      return range && range.first >= PORT_MIN ? range : undefined;
    },
  );
  const addresses = sourceAddresses.filter((address) => local.has(address));
  if (addresses.length === 0) {
    if (reader.has('source-ports'))
      reader.refuse('source-ports', 'is for copies under an address of this machine: name one with -c');
    return undefined;
  }
  const servers = new Set(transfers.map(({ testAddress }) => formatAddress(testAddress)));
  const assistant = intercepts.find(({ host }) => !servers.has(host));
  if (assistant)
    reader.refuse(
      'source',
      `names ${formatAddress(addresses[0]!)}, which this machine has itself, and ${assistant.host} (-s) is no test server: what that answers comes here, where the kernel resets it; give -c addresses that nobody has, which are routed to ${assistant.host}`,
    );
  return { addresses, ports: ports ?? SOURCE_PORTS_DEFAULT };
}

/**
 * `-s` and `-p`: the intercepts, and which test servers each has to guard. One that runs on a test server guards that one; one that runs elsewhere,
 * on an assistant, guards all test servers that have none of their own.
 */
import type { OptionReader } from '../../process/option-reader';
import type { Transfer } from '../../session/contract';
import { formatAddress, parseIpv6 } from '../../wire/address/address';
import { parsePort, type Endpoint } from '../../wire/flow';
import { HOST, readHost } from './host';
import { INTERCEPTS_MAX } from './specs';

const SERVER = new RegExp(`^(${HOST})(?::([^:]*))?$`);

export interface InterceptEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Of the test servers. */
export const endpointsOf = (transfers: readonly Transfer[]): Endpoint[] =>
  transfers.map(({ testAddress, testPort }) => ({ address: testAddress, port: testPort }));

/** @returns the endpoints that responses come from */
export function guardedBy(
  intercept: InterceptEndpoint,
  intercepts: readonly InterceptEndpoint[],
  transfers: readonly Transfer[],
): Endpoint[] {
  const hosts = new Set(intercepts.map(({ host }) => host));
  const servers = new Set(transfers.map(({ testAddress }) => formatAddress(testAddress)));
  return endpointsOf(
    transfers.filter(({ testAddress }) => {
      const server = formatAddress(testAddress);
      return hosts.has(server) ? server === intercept.host : !servers.has(intercept.host);
    }),
  );
}

/** @returns what is wrong with a list of intercepts: a test server that none of them guards, or one that guards nothing */
export function guardFaults(
  intercepts: readonly InterceptEndpoint[],
  transfers: readonly Transfer[],
): string[] {
  const guarded = intercepts.map((intercept) => guardedBy(intercept, intercepts, transfers));
  const addresses = new Set(guarded.flat().map(({ address }) => address));
  const servers = [...new Set(transfers.map(({ testAddress }) => testAddress))];
  return [
    ...servers
      .filter((server) => !addresses.has(server))
      .map(
        (server) =>
          `-s names no intercept for the test server ${formatAddress(server)}: add the one that runs there`,
      ),
    ...intercepts
      .filter((_, index) => guarded[index]!.length === 0)
      .map(
        ({ host }) => `-s names ${host}, which has no test server to guard: each has an intercept of its own`,
      ),
  ];
}

/** What `-s` lists, and is well formed. */
export function readIntercepts(reader: OptionReader, defaultPort: number): InterceptEndpoint[] {
  const servers: InterceptEndpoint[] = [];
  for (const part of reader.text('server')?.split(',') ?? []) {
    // Without a port behind it an IPv6 address needs no brackets.
    const [, hostText = '', portText] = SERVER.exec(parseIpv6(part) ? `[${part}]` : part) ?? [];
    const port = portText === undefined ? defaultPort : parsePort(portText);
    const address = readHost(hostText);
    const host = typeof address === 'string' ? '' : formatAddress(address);
    if (typeof address === 'string' || port === undefined) {
      reader.refuse('server', `takes ip[:port],… (an IPv6 address in brackets), not ${JSON.stringify(part)}`);
    } else if (servers.some((other) => other.host === host && other.port === port)) {
      reader.refuse('server', `names ${part} twice`);
    } else servers.push({ host, port });
  }
  if (servers.length > INTERCEPTS_MAX)
    reader.refuse('server', `takes at most ${INTERCEPTS_MAX} intercepts, not ${servers.length}`);
  return servers;
}

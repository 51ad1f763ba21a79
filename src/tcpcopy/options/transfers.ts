/**
 * `-x`: what is copied where, `[ip:]port[@mac]-ip:port[@mac]`, several separated by commas. The link addresses are those
 * that frames to the test server come from and go to, where they are not to be found out.
 */
import type { LinkAddresses } from '../../inject/sink';
import { familyOf, formatAddress, isIpv6, type Address } from '../../wire/address/address';
import { formatEndpoint, parsePort } from '../../wire/flow';
import { HOST, readHost } from './host';
import type { Transfer } from '../../session/contract';

const FORM =
  '[online-ip:]port[@mac]-test-ip:port[@mac], for example 80-198.18.10.30:8080 (a mac is written 02:42:c6:12:0a:1e, an IPv6 address [2001:2::30])';

export interface Transfers {
  readonly transfers: Transfer[];
  /** By test server. */
  readonly linkAddresses: Map<number, LinkAddresses>;
  readonly faults: string[];
}

/** @returns the transfers, and what is wrong with them */
export function parseTransfers(text: string): Transfers {
  const faults: string[] = [];
  const transfers: Transfer[] = [];
  const linkAddresses = new Map<number, LinkAddresses>();
  for (const part of text.split(',')) {
    const parsed = parseTransfer(part);
    if (typeof parsed === 'string') {
      faults.push(`-x ${JSON.stringify(part)}: ${parsed}; the form is ${FORM}`);
      continue;
    }
    const { transfer, addresses } = parsed;
    transfers.push(transfer);
    if (!addresses.source && !addresses.destination) continue;
    const other = linkAddresses.get(transfer.testAddress);
    if (
      other &&
      !(sameLink(other.source, addresses.source) && sameLink(other.destination, addresses.destination))
    )
      faults.push(`-x gives ${formatAddress(transfer.testAddress)} two different link addresses`);
    linkAddresses.set(transfer.testAddress, addresses);
  }
  const seen = new Set<string>();
  for (const transfer of byFamily(transfers)) {
    const { onlineAddress, onlinePort, onlineFamily } = transfer;
    const online =
      onlineAddress === undefined ? `*:${onlinePort}` : formatEndpoint(onlineAddress, onlinePort);
    const everywhere = transfers.some(
      (other) => other.onlineAddress === undefined && other.onlinePort === onlinePort,
    );
    const name = onlineFamily === undefined ? online : `${online} over IPv${onlineFamily}`;
    if (seen.has(name) || (everywhere && onlineAddress !== undefined)) {
      faults.push(`-x copies ${name} twice; one tcpcopy copies each port of the online server once`);
    }
    seen.add(name);
  }
  return { transfers: byFamily(transfers), linkAddresses, faults };
}

function sameLink(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return Buffer.compare(one ?? new Uint8Array(0), other ?? new Uint8Array(0)) === 0;
}

/** Six bytes in hexadecimal; a leading zero may be left out, as in the original. */
function parseLinkAddress(text: string): Uint8Array | undefined {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[\da-f]{1,2}$/i.test(part))) return undefined;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

const TRANSFER = new RegExp(`^(?:(${HOST}):)?([^:@-]+)(?:@([^@-]+))?-(${HOST}):([^:@-]+)(?:@([^@-]+))?$`);

function parseTransfer(part: string): { transfer: Transfer; addresses: LinkAddresses } | string {
  const match = TRANSFER.exec(part);
  if (!match) return 'not understood (an IPv6 address stands in brackets)';
  const [, onlineIp, onlinePortText, sourceText, testIp, testPortText, destinationText] = match;
  const source = sourceText === undefined ? undefined : parseLinkAddress(sourceText);
  const destination = destinationText === undefined ? undefined : parseLinkAddress(destinationText);
  if (sourceText !== undefined && !source) return `${JSON.stringify(sourceText)} is no link address (MAC)`;
  if (destinationText !== undefined && !destination)
    return `${JSON.stringify(destinationText)} is no link address (MAC)`;
  const onlineAddress = onlineIp === undefined ? undefined : readHost(onlineIp);
  if (typeof onlineAddress === 'string') return onlineAddress;
  const onlinePort = parsePort(onlinePortText!);
  if (onlinePort === undefined) return `${JSON.stringify(onlinePortText)} is no port from 1 to 65535`;
  const testAddress = readHost(testIp!);
  if (typeof testAddress === 'string') return testAddress;
  const nonsense = whyNoTestServer(testAddress);
  if (nonsense) return `${testIp!} ${nonsense}`;
  const testPort = parsePort(testPortText!);
  if (testPort === undefined) return `${JSON.stringify(testPortText)} is no port from 1 to 65535`;
  return {
    transfer: { onlineAddress, onlinePort, testAddress, testPort },
    addresses: { source, destination },
  };
}

/** RFC 6890's addresses that no single server has. */
function whyNoTestServer(address: Address): string | undefined {
  if (isIpv6(address)) {
    if (formatAddress(address) === '::') return 'is no address of a server';
    return formatAddress(address).startsWith('ff') ? 'is a multicast address' : undefined;
  }
  const first = address >>> 24;
  if (first === 0) return 'is no address of a server';
  if (first >= 224 && first < 240) return 'is a multicast address';
  if (first >= 240) return 'is reserved or a broadcast address';
  return undefined;
}

/** Where a port is copied to a test server of each family, each takes the clients of its own. */
const byFamily = (transfers: readonly Transfer[]): Transfer[] =>
  transfers.map((transfer) =>
    transfers.some((other) => isOfOtherFamily(transfer, other))
      ? { ...transfer, onlineFamily: familyOf(transfer.testAddress) }
      : transfer,
  );

const isOfOtherFamily = (one: Transfer, other: Transfer): boolean =>
  one.onlineAddress === undefined &&
  other.onlineAddress === undefined &&
  one.onlinePort === other.onlinePort &&
  familyOf(one.testAddress) !== familyOf(other.testAddress);

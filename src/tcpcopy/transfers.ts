/** `-x`: what is copied where, `[ip:]port-ip:port`, several separated by commas. */
import { formatAddress, parseAddress, parsePort } from '../wire/flow';
import type { Transfer } from '../session/contract';

const FORM = '[online-ip:]port-test-ip:port, for example 80-198.18.10.30:8080';

/** @returns the transfers, or what is wrong with them */
export function parseTransfers(text: string): { transfers: Transfer[]; faults: string[] } {
  const faults: string[] = [];
  const transfers: Transfer[] = [];
  for (const part of text.split(',')) {
    const transfer = parseTransfer(part);
    if (typeof transfer === 'string')
      faults.push(`-x ${JSON.stringify(part)}: ${transfer}; the form is ${FORM}`);
    else transfers.push(transfer);
  }
  const seen = new Set<string>();
  for (const { onlineAddress, onlinePort } of transfers) {
    const online = `${onlineAddress === undefined ? '*' : formatAddress(onlineAddress)}:${onlinePort}`;
    const everywhere = transfers.some(
      (other) => other.onlineAddress === undefined && other.onlinePort === onlinePort,
    );
    if (seen.has(online) || (everywhere && onlineAddress !== undefined)) {
      faults.push(`-x copies ${online} twice; one tcpcopy copies each port of the online server once`);
    }
    seen.add(online);
  }
  return { transfers, faults };
}

function parseTransfer(part: string): Transfer | string {
  const match = /^(?:([^:-]+):)?([^:-]+)-([^:-]+):([^:-]+)$/.exec(part);
  if (!match) return 'not understood';
  const [, onlineIp, onlinePortText, testIp, testPortText] = match;
  const onlineAddress = onlineIp === undefined ? undefined : parseAddress(onlineIp);
  if (onlineIp !== undefined && onlineAddress === undefined)
    return `${JSON.stringify(onlineIp)} is no IPv4 address`;
  const onlinePort = parsePort(onlinePortText!);
  if (onlinePort === undefined) return `${JSON.stringify(onlinePortText)} is no port from 1 to 65535`;
  const testAddress = parseAddress(testIp!);
  if (testAddress === undefined) return `${JSON.stringify(testIp)} is no IPv4 address`;
  const nonsense = whyNoTestServer(testAddress);
  if (nonsense) return `${testIp!} ${nonsense}`;
  const testPort = parsePort(testPortText!);
  if (testPort === undefined) return `${JSON.stringify(testPortText)} is no port from 1 to 65535`;
  return { onlineAddress, onlinePort, testAddress, testPort };
}

/** RFC 6890's addresses that no single server has. */
function whyNoTestServer(address: number): string | undefined {
  const first = address >>> 24;
  if (first === 0) return 'is no address of a server';
  if (first >= 224 && first < 240) return 'is a multicast address';
  if (first >= 240) return 'is reserved or a broadcast address';
  return undefined;
}

/** TCP connections of this machine, from /proc/net/tcp and /proc/net/tcp6 (proc_net_tcp in the kernel's documentation). */
import { readFileSync } from 'node:fs';
import type { Endpoint } from '../wire/flow';
import type { Route } from '../wire/reply';

const FILES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Column "st" (include/net/tcp_states.h): TIME-WAIT says nothing by itself, LISTEN and CLOSE are no connections. */
const SILENT_STATES = new Set(['06', '07', '0A']);
/** ::ffff:0:0/96 (RFC 4291, section 2.5.5.2), in words of host order. */
const MAPPED = '0000000000000000FFFF0000';

/** Of these local endpoints, as the connections of clients to them: those that may still send something. */
export function connectionsOf(endpoints: readonly Endpoint[]): Route[] {
  const text = FILES.map(read).join('\n');
  return connectionsIn(text).filter(({ serverAddress, serverPort }) =>
    endpoints.some(({ address, port }) => address === serverAddress && port === serverPort),
  );
}

/** @param text the files' lines, in any order */
export function connectionsIn(text: string): Route[] {
  const line = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) /gm;
  return [...text.matchAll(line)].flatMap(([, server, serverPort, client, clientPort, state]) => {
    const serverAddress = addressIn(server!);
    const clientAddress = addressIn(client!);
    if (serverAddress === undefined || clientAddress === undefined || SILENT_STATES.has(state!)) return [];
    return [
      {
        clientAddress,
        clientPort: parseInt(clientPort!, 16),
        serverAddress,
        serverPort: parseInt(serverPort!, 16),
      },
    ];
  });
}

/** Of a network-order word printed as a little-endian number; undefined for what is not IPv4. */
function addressIn(hex: string): number | undefined {
  if (hex.length > 8 && !hex.startsWith(MAPPED)) return undefined;
  const bytes = hex.slice(-8).match(/../g)!;
  return parseInt(bytes.toReversed().join(''), 16);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a kernel without IPv6 has no /proc/net/tcp6
  }
}

/** TCP connections of this machine, from /proc/net/tcp and /proc/net/tcp6 (proc_net_tcp in the kernel's documentation). */
import { readFileSync } from 'node:fs';
import { readAnyAddress, type Address } from '../wire/address/address';
import { readU32 } from '../wire/big-endian';
import type { Endpoint } from '../wire/flow';
import type { Route } from '../wire/reply';

const FILES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Column "st" (include/net/tcp_states.h): TIME-WAIT says nothing by itself, LISTEN and CLOSE are no connections. */
const SILENT_STATES = new Set(['06', '07', '0A']);

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

/** Of words in network order, each printed as a little-endian number; IPv4 may be mapped into IPv6. */
function addressIn(hex: string): Address | undefined {
  const bytes = Buffer.from(hex, 'hex');
  const words = Uint8Array.from(bytes, (_, index) => bytes[index - (index % 4) + 3 - (index % 4)]!);
  return words.length === 4 ? readU32(words, 0) : readAnyAddress(words, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a kernel without IPv6 has no /proc/net/tcp6
  }
}

/** The ledger of a replay: every whole request in a capture file's client streams, and how often it reached the test server. */
import type { Protocol } from '../../load/schedule';
import { CaptureFileError, packetsIn } from '../../../src/wire/capture/capture-file';
import { formatEndpoint } from '../../../src/wire/flow';
import { eachFrame, type Frame } from '../frames/frames';
import { frameRequests } from './framing';
import { digestOf } from './observed';
import { streamsTo, type ClientStream, type Endpoint } from '../frames/streams';

export interface ReplayLedger {
  /** Connections in the file from their SYN on; what others said cannot be told apart into requests. */
  readonly connections: number;
  /** Whole requests in them, each as often as the file was played. */
  readonly requests: number;
  /** Deliveries to the test server. */
  readonly delivered: number;
  readonly missing: number;
  /** Deliveries that are more than there should be, or of other bytes. */
  readonly unexpected: number;
  /** Connections that say the same as in the file, but not in its order. */
  readonly reordered: number;
  /** Some of what is missing or unexpected: connection and first line. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 3;
const EXAMPLE_BYTES = 60;

interface Said {
  readonly client: string;
  readonly requests: readonly { readonly digest: string; readonly text: string }[];
}

/**
 * @param file the capture that was played
 * @param atTest a capture of what came to the test server
 * @param times how often the file was played
 */
export function replayLedger(
  file: Uint8Array,
  onlinePort: number,
  atTest: Uint8Array,
  test: Endpoint,
  { protocol, times }: { readonly protocol: Protocol; readonly times: number },
): ReplayLedger {
  const whole = wholePart(file);
  const inFile = serversIn(whole, onlinePort).flatMap((server) =>
    said(streamsTo(whole, server, 'innermost'), protocol),
  );
  const fromStart = new Set(inFile.map(({ client }) => client));
  const arrived = said(streamsTo(wholePart(atTest), test), protocol).filter(({ client }) =>
    fromStart.has(client),
  );
  const open = new Map<string, { text: string; count: number }>();
  const change = ({ client, requests }: Said, by: number): void => {
    for (const { digest, text } of requests) {
      const key = `${client} ${digest}`;
      const entry = open.get(key) ?? { text: `${client} ${text}`, count: 0 };
      entry.count += by;
      open.set(key, entry);
    }
  };
  for (const connection of inFile) change(connection, times);
  for (const connection of arrived) change(connection, -1);
  const wrong = [...open.values()].filter(({ count }) => count !== 0);
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, count) => total + Math.max(0, count), 0);
  const requestsIn = (connections: readonly Said[]): number =>
    connections.reduce((total, { requests }) => total + requests.length, 0);
  return {
    connections: inFile.length,
    requests: requestsIn(inFile) * times,
    delivered: requestsIn(arrived),
    missing: sum(wrong.map(({ count }) => count)),
    unexpected: sum(wrong.map(({ count }) => -count)),
    reordered: wrong.length > 0 ? 0 : outOfOrder(inFile, arrived),
    examples: wrong
      .slice(0, EXAMPLES_MAX)
      .map(({ text, count }) => `${text} (${count > 0 ? 'missing' : 'unexpected'})`),
  };
}

/** Everything before the first part that cannot be read. */
function wholePart(capture: Uint8Array): Uint8Array {
  try {
    const packets = packetsIn(capture);
    while (!packets.next().done);
    return capture;
  } catch (error) {
    if (error instanceof CaptureFileError) return capture.subarray(0, error.offset);
    throw error;
  }
}

/** Every address that is spoken to on this port. */
function serversIn(capture: Uint8Array, port: number): Endpoint[] {
  const addresses = new Set<number>();
  const visit = ({ segment }: Frame): void => {
    if (segment?.destinationPort === port) addresses.add(segment.destination);
  };
  eachFrame(capture, visit, 'innermost');
  return [...addresses].map((address) => ({ address, port }));
}

function said(streams: readonly ClientStream[], protocol: Protocol): Said[] {
  return streams.map(({ clientAddress, clientPort, stream }) => ({
    client: formatEndpoint(clientAddress, clientPort),
    requests: frameRequests(stream.bytes(), protocol).requests.map((bytes) => ({
      digest: digestOf(bytes),
      text: bytes.toString('latin1', 0, EXAMPLE_BYTES).split('\r\n')[0]!,
    })),
  }));
}

/** Connections at the test server whose requests stand in an order that none of that client's has in the file. */
function outOfOrder(inFile: readonly Said[], arrived: readonly Said[]): number {
  const orderOf = ({ client, requests }: Said): string =>
    `${client} ${requests.map(({ digest }) => digest).join(' ')}`;
  const orders = new Set(inFile.map(orderOf));
  return arrived.filter((connection) => !orders.has(orderOf(connection))).length;
}

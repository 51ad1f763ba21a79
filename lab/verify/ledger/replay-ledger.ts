/** The ledger of a replay: every whole request in a capture file's client streams, and how often it reached the test server. */
import type { Protocol } from '../../load/requests/schedule';
import { CaptureFileError, packetsIn } from '../../../src/wire/capture/capture-file';
import { unnamedIn, type Doubt, type DoubtfulWords } from '../evidence/doubt';
import { eachFrame, type Frame } from '../frames/frames';
import type { Endpoint } from '../frames/streams';
import { framedStreams, type FramedStream } from './framing/framed-streams';
import { isWithin } from './in-doubt';
import { digestOf } from './observed';
import { surplusUpTo } from './refused';

export interface ReplayLedger {
  /** Connections in the file from their SYN on; what others said cannot be told apart into requests. */
  readonly connections: number;
  /** Whole requests in them, each as often as the file was played. */
  readonly requests: number;
  /** Deliveries to the test server. */
  readonly delivered: number;
  readonly missing: number;
  /** The same of those that tcpcopy told to be in doubt; they are not counted as missing. */
  readonly doubtful: number;
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
  readonly requests: readonly SaidRequest[];
}

interface SaidRequest {
  readonly digest: string;
  readonly text: string;
  /** How often it was told to be in doubt. */
  readonly doubts: number;
}

export interface ReplayTold {
  readonly protocol: Protocol;
  /** How often the file was played. */
  readonly times: number;
  /** What tcpcopy says of it. */
  readonly doubt: Doubt;
  /** Requests that it said again, because the test server had refused them. */
  readonly saidAgain: number;
}

/**
 * @param file the capture that was played
 * @param atTest a capture of what came to the test server
 * @param tests the test server's ends, one of each family
 */
export function replayLedger(
  file: Uint8Array,
  onlinePort: number,
  atTest: Uint8Array,
  tests: readonly Endpoint[],
  { protocol, times, doubt, saidAgain }: ReplayTold,
): ReplayLedger {
  const whole = wholePart(file);
  const inFile = serversIn(whole, onlinePort)
    .flatMap((server) => framedStreams(whole, server, protocol, 'innermost'))
    .map((stream) => saidIn(stream, doubt.words));
  const fromStart = new Set(inFile.map(({ client }) => client));
  const isSurplus = surplusUpTo(saidAgain);
  const arrived = tests
    .flatMap((test) => framedStreams(wholePart(atTest), test, protocol))
    .filter(({ client }) => fromStart.has(client))
    .map((stream) => ({
      ...stream,
      requests: stream.requests.filter(({ comesAgain }) => !comesAgain || !isSurplus()),
    }))
    .map((stream) => saidIn(stream, []));
  const open = new Map<string, { text: string; count: number; doubts: number }>();
  const change = ({ client, requests }: Said, by: number): void => {
    for (const { digest, text, doubts } of requests) {
      const key = `${client} ${digest}`;
      const entry = open.get(key) ?? { text: `${client} ${text}`, count: 0, doubts: 0 };
      entry.count += by;
      entry.doubts += doubts;
      open.set(key, entry);
    }
  };
  for (const connection of inFile) change(connection, times);
  for (const connection of arrived) change(connection, -1);
  const unequal = [...open.values()].filter(({ count }) => count !== 0);
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, count) => total + Math.max(0, count), 0);
  const unreached = sum(unequal.map(({ count }) => count));
  const named = sum(unequal.map(({ count, doubts }) => Math.min(count, doubts)));
  // Where the log does not name all that is in doubt, and that could explain what is left, all of it is.
  const isExplained = unreached - named <= unnamedIn(doubt);
  const doubtful = isExplained ? unreached : named;
  const wrong = unequal.filter(({ count, doubts }) => count < 0 || (count > doubts && !isExplained));
  const requestsIn = (connections: readonly Said[]): number =>
    connections.reduce((total, { requests }) => total + requests.length, 0);
  return {
    connections: inFile.length,
    requests: requestsIn(inFile) * times,
    delivered: requestsIn(arrived),
    missing: unreached - doubtful,
    doubtful,
    unexpected: sum(wrong.map(({ count }) => -count)),
    reordered: wrong.length > 0 ? 0 : outOfOrder(inFile, arrived, times),
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

const saidIn = ({ client, stream, requests }: FramedStream, words: readonly DoubtfulWords[]): Said => ({
  client,
  requests: requests.map(({ offset, bytes }) => ({
    digest: digestOf(bytes),
    text: bytes.toString('latin1', 0, EXAMPLE_BYTES).split('\r\n')[0]!,
    doubts: words.filter(
      (one) => one.client === client && isWithin(one, stream.initialSequence, offset, bytes.length),
    ).length,
  })),
});

/**
 * Connections at the test server that do not go on with any of their client's in the file: a copy may have needed several of
 * them for one, one after the other.
 */
function outOfOrder(inFile: readonly Said[], arrived: readonly Said[], times: number): number {
  const lines = inFile.flatMap(({ client, requests }) =>
    Array.from({ length: times }, () => ({ client, requests, at: 0 })),
  );
  return arrived.filter(({ client, requests }) => {
    for (const line of lines.filter((one) => one.client === client)) {
      const end = endOfPart(requests, line.requests, line.at);
      if (end === undefined) continue;
      line.at = end;
      return false;
    }
    return true;
  }).length;
}

/** Where in the whole, from a place on, the requests end that stand there in this order; undefined when they do not. */
function endOfPart(
  part: readonly SaidRequest[],
  whole: readonly SaidRequest[],
  from: number,
): number | undefined {
  let at = from;
  for (const { digest } of part) {
    while (at < whole.length && whole[at]!.digest !== digest) at += 1;
    if (at === whole.length) return undefined;
    at += 1;
  }
  return at;
}

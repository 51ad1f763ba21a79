/**
 * The ledger where nothing is known but bytes: of each connection of a client all that it said to the online server, and
 * what the test server got in its place, in order. A copy may have needed several connections for one, one after the
 * other; they are joined.
 */
import { formatEndpoint } from '../../../../src/wire/flow';
import { unnamedIn, type Doubt, type DoubtfulWords } from '../../evidence/doubt';
import type { ClientStream } from '../../frames/streams';
import { seqAdd, seqDiff } from '../../../../src/wire/sequence';
import { commonPrefix, differenceOf, type Difference, type DifferenceKind } from './stream-difference';

export interface StreamDeviation extends Difference {
  /** The client's end, as `address:port`. */
  readonly client: string;
  /** How many bytes the client said in this connection; 0 when the online server never saw it. */
  readonly said: number;
}

/** A connection that the copy's first one did not bring to its end. */
export interface Interruption {
  /** The client's end, as `address:port`. */
  readonly client: string;
  readonly said: Buffer;
  /** How many bytes of it had come, or others in their place. */
  readonly at: number;
}

export interface StreamLedger {
  /** Of clients, in which something was said. */
  readonly connections: number;
  /** What they said. */
  readonly bytes: number;
  /** Of these, with all bytes at the test server. */
  readonly exact: number;
  /** Of these, of which some bytes reached it. */
  readonly arrived: number;
  /** Bytes that came to the test server in their place. */
  readonly arrivedBytes: number;
  /** The first difference of each connection that has one. */
  readonly deviations: readonly StreamDeviation[];
  /** Connections of which bytes are not there that tcpcopy told to be in doubt; these are no deviation. */
  readonly doubtful: readonly StreamDeviation[];
  /** Whether the rest of them came in further connections, or not at all. */
  readonly interrupted: readonly Interruption[];
}

export interface StreamsGiven {
  readonly online: readonly ClientStream[];
  /** Without those of servers that may use the test server themselves. */
  readonly test: readonly ClientStream[];
  /** Ends that were heard at the online server in the middle of a connection: what they said before is not known. */
  readonly joined: ReadonlySet<string>;
  readonly doubt: Doubt;
  /** Words that the copy said again, because the test server had refused them, as tcpcopy counts them. */
  readonly saidAgain: number;
}

export function streamLedgerOf({ online, test, joined, doubt, saidAgain }: StreamsGiven): StreamLedger {
  const conversations = pair(online, test);
  const known = new Set(conversations.flatMap(({ copies }) => copies));
  const budget: Budget = { saidAgain, unnamedDoubts: unnamedIn(doubt) };
  const found = conversations.map((conversation) => compare(conversation, doubt.words, budget));
  const strangers = test
    .filter((stream) => !known.has(stream) && !joined.has(endOf(stream)))
    .map((stream) => ({ client: endOf(stream), said: 0, bytes: stream.stream.bytes().length }))
    .filter(({ bytes }) => bytes > 0)
    .map((stranger): StreamDeviation => ({ ...stranger, kind: 'unexpected', at: 0 }));
  return {
    connections: found.length,
    bytes: sum(found.map(({ said }) => said)),
    exact: found.filter(({ deviation, doubt: inDoubt }) => !deviation && !inDoubt).length,
    arrived: found.filter(({ arrived }) => arrived > 0).length,
    arrivedBytes: sum(found.map(({ arrived }) => arrived)),
    deviations: [...found.flatMap(({ deviation }) => deviation ?? []), ...strangers],
    doubtful: found.flatMap(({ doubt: inDoubt }) => inDoubt ?? []),
    interrupted: conversations.flatMap(interruptionOf),
  };
}

export const countOf = ({ deviations }: StreamLedger, kind: DifferenceKind): number =>
  deviations.filter((deviation) => deviation.kind === kind).length;

const endOf = ({ clientAddress, clientPort }: ClientStream): string =>
  formatEndpoint(clientAddress, clientPort);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

interface Conversation {
  readonly client: ClientStream;
  /** In the order of their SYNs. */
  readonly copies: readonly ClientStream[];
}

/** A copy belongs to the last connection of its end that had begun before it, of those in which something was said. */
function pair(online: readonly ClientStream[], test: readonly ClientStream[]): Conversation[] {
  const copies = new Map<ClientStream, ClientStream[]>(
    online.filter(({ stream }) => stream.bytes().length > 0).map((client) => [client, []]),
  );
  const byEnd = grouped(copies.keys(), endOf);
  // With addresses that -c gives them, copies keep their client's port as long as nobody else has it.
  const byPort = grouped(copies.keys(), ({ clientPort }) => clientPort);
  for (const copy of test) {
    const candidates = byEnd.get(endOf(copy)) ?? byPort.get(copy.clientPort) ?? [];
    const begun = candidates.filter(({ begun_s }) => begun_s <= copy.begun_s);
    const client = begun.at(-1) ?? candidates[0];
    if (client) copies.get(client)!.push(copy);
  }
  return [...copies].map(([client, own]) => ({ client, copies: own }));
}

function grouped<Key>(
  streams: Iterable<ClientStream>,
  keyOf: (stream: ClientStream) => Key,
): Map<Key, ClientStream[]> {
  const groups = new Map<Key, ClientStream[]>();
  for (const stream of streams) groups.set(keyOf(stream), [...(groups.get(keyOf(stream)) ?? []), stream]);
  return groups;
}

function interruptionOf({ client, copies: [first] }: Conversation): Interruption[] {
  const said = client.stream.bytes();
  const at = first?.stream.bytes().length;
  return at === undefined || at >= said.length ? [] : [{ client: endOf(client), said, at }];
}

interface Budget {
  saidAgain: number;
  unnamedDoubts: number;
}

interface Compared {
  readonly said: number;
  readonly arrived: number;
  readonly deviation?: StreamDeviation;
  readonly doubt?: StreamDeviation;
}

function compare(
  { client, copies }: Conversation,
  words: readonly DoubtfulWords[],
  budget: Budget,
): Compared {
  const said = client.stream.bytes();
  const end = endOf(client);
  const doubts = rangesIn(words, end, client.stream.initialSequence);
  const parts = copies.map(({ stream }) => stream.bytes());
  let doubt: StreamDeviation | undefined;
  const about = (difference: Difference): StreamDeviation => ({
    ...difference,
    client: end,
    said: said.length,
  });
  const counted = { said: said.length, arrived: sum(parts.map(({ length }) => length)) };
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const again = index > 0 ? repeatedBytes(said, at, part, budget) : 0;
    const skipped = again === 0 ? doubtedUpTo(doubts, said, at, part) : at;
    if (skipped > at) doubt = about({ kind: 'missing', at, bytes: skipped - at });
    const from = skipped - again;
    const equal = commonPrefix(said, from, part);
    if (equal < part.length) {
      const rest = Buffer.concat([part, ...parts.slice(index + 1)]);
      return { ...counted, deviation: about(differenceOf(said, from, rest)!) };
    }
    at = from + equal;
  }
  if (at === said.length) return { ...counted, ...(doubt && { doubt }) };
  const missing = about({ kind: 'missing', at, bytes: said.length - at });
  const isDoubted = doubts.some(({ first, behind }) => first <= at && behind >= said.length);
  if (isDoubted) return { ...counted, doubt: missing };
  if (budget.unnamedDoubts > 0) {
    budget.unnamedDoubts -= 1;
    return { ...counted, doubt: missing };
  }
  return { ...counted, deviation: missing };
}

interface Range {
  readonly first: number;
  readonly behind: number;
}

/** Doubtful words as offsets in the client's stream. */
function rangesIn(words: readonly DoubtfulWords[], client: string, initialSequence: number): Range[] {
  return words
    .filter((said) => said.client === client)
    .map(({ sequence, bytes }) => {
      const first = seqDiff(sequence, seqAdd(initialSequence, 1));
      return { first, behind: first + bytes };
    });
}

/** Where the copy goes on, if it left out words in doubt: they are not said again. */
function doubtedUpTo(doubts: readonly Range[], said: Buffer, at: number, part: Buffer): number {
  const range = doubts.find(({ first, behind }) => first <= at && behind > at);
  const goesOn = range && commonPrefix(said, range.behind, part) === part.length;
  return goesOn && commonPrefix(said, at, part) < part.length ? range.behind : at;
}

/** How many bytes before `at` a further connection of the copy begins with, because they had been refused. */
function repeatedBytes(said: Buffer, at: number, part: Buffer, budget: Budget): number {
  if (budget.saidAgain <= 0 || part.length === 0 || commonPrefix(said, at, part) === part.length) return 0;
  for (let count = 1; count <= Math.min(at, part.length); count += 1) {
    if (said[at - count] !== part[0] || commonPrefix(said, at - count, part) < part.length) continue;
    budget.saidAgain -= 1;
    return count;
  }
  return 0;
}

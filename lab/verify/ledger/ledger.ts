/**
 * The ledger: every request that was planned, how often it was delivered at online and at test, and in which bytes.
 *
 * A segment that TCP sent twice is no duplicate: what counts is how often the bytes reach the application.
 */
import type { PlannedConnection } from '../../load/requests/schedule';
import { NO_DOUBT, unnamedIn, type Doubt } from '../evidence/doubt';
import { identitiesInDoubt } from './in-doubt';
import { digestOf, isCopied, type ObservedConnection, type ObservedRequest } from './observed';
import { outOfPlace } from './out-of-place';
import { strangersIn } from './strangers';

export interface LedgerCounts {
  /** Requests that the clients sent. */
  readonly sent: number;
  /** Of these, delivered to the online server. */
  readonly online: number;
  /** Of these, delivered to the test server at least once. */
  readonly test: number;
  /** Delivered to the online server, and never to the test server. */
  readonly missing: number;
  /** The same of those that tcpcopy told to be in doubt; they are not counted as missing. */
  readonly doubtful: number;
  /** Deliveries to the test server beyond the first. */
  readonly duplicated: number;
  /** Deliveries whose bytes are not those that were sent. */
  readonly altered: number;
  /** Deliveries that came after a later request of the same connection, or in another connection. */
  readonly reordered: number;
  /** Deliveries of this run that nobody sent, and what else came in its connections. */
  readonly unexpected: number;
}

export type Deviation = Exclude<keyof LedgerCounts, 'sent' | 'online' | 'test'>;

export interface Ledger {
  readonly counts: LedgerCounts;
  /** What the counts of deviations count, by identity. */
  readonly identities: Readonly<Record<Deviation, readonly string[]>>;
  /** What tcpcopy told to be in doubt, as far as its log names it, and which of that was delivered to the test server. */
  readonly inDoubt: {
    readonly told: number;
    readonly named: readonly string[];
    readonly arrived: readonly string[];
  };
  /** Planned requests that never reached the online server in their bytes: the load itself did not work. */
  readonly notDelivered: readonly string[];
}

export interface LedgerInput {
  readonly planned: readonly PlannedConnection[];
  readonly sent: number;
  readonly online: readonly ObservedConnection[];
  /** Without what was refused. */
  readonly test: readonly ObservedConnection[];
  readonly doubt?: Doubt;
}

export function ledgerOf({ planned, sent, online, test, doubt = NO_DOUBT }: LedgerInput): Ledger {
  const expected = new Map(
    planned.flatMap(({ requests }) => requests.map(({ identity, bytes }) => [identity, digestOf(bytes)])),
  );
  const atOnline = deliveries(online);
  const atTest = deliveries(test);
  const inDoubt = identitiesInDoubt(online, doubt.words);
  const unreached: string[] = [];
  const duplicated: string[] = [];
  const altered: string[] = [];
  const notDelivered: string[] = [];
  for (const [identity, digest] of expected) {
    const delivered = atOnline.get(identity) ?? [];
    const copies = atTest.get(identity) ?? [];
    if (!delivered.some((request) => request.digest === digest)) notDelivered.push(identity);
    else if (copies.length === 0) unreached.push(identity);
    duplicated.push(...copies.slice(1).map(() => identity));
    altered.push(...copies.filter((copy) => copy.digest !== digest).map(() => identity));
  }
  const unexpected = [...atTest].flatMap(([identity, copies]) =>
    expected.has(identity) ? [] : copies.map(() => identity),
  );
  const { missing, doubtful } = parted(unreached, inDoubt, doubt);
  const isComplete = unreached.length === 0 && notDelivered.length === 0;
  unexpected.push(...test.flatMap((connection) => strangersIn(connection, isComplete)));
  const reordered = outOfPlace({ planned, online, test });
  const known = (seen: ReadonlyMap<string, unknown>): number =>
    [...seen.keys()].filter((identity) => expected.has(identity)).length;
  return {
    counts: {
      sent,
      online: known(atOnline),
      test: known(atTest),
      missing: missing.length,
      doubtful: doubtful.length,
      duplicated: duplicated.length,
      altered: altered.length,
      reordered: reordered.length,
      unexpected: unexpected.length,
    },
    identities: { missing, doubtful, duplicated, altered, reordered, unexpected },
    inDoubt: {
      told: doubt.told,
      named: [...inDoubt],
      arrived: [...inDoubt].filter((identity) => atTest.has(identity)),
    },
    notDelivered,
  };
}

/** Where the log does not name all that is in doubt, and that could explain what is left, all of it is. */
function parted(
  unreached: readonly string[],
  inDoubt: ReadonlySet<string>,
  doubt: Doubt,
): { readonly missing: readonly string[]; readonly doubtful: readonly string[] } {
  const missing = unreached.filter((identity) => !inDoubt.has(identity));
  if (missing.length <= unnamedIn(doubt)) return { missing: [], doubtful: unreached };
  return { missing, doubtful: unreached.filter((identity) => inDoubt.has(identity)) };
}

/** By identity; requests of other runs, and those that were sent to the test server directly, are left out. */
function deliveries(connections: readonly ObservedConnection[]): Map<string, ObservedRequest[]> {
  const found = new Map<string, ObservedRequest[]>();
  for (const request of connections.flatMap(({ requests }) => requests)) {
    if (!isCopied(request)) continue;
    const same = found.get(request.identity);
    if (same) same.push(request);
    else found.set(request.identity, [request]);
  }
  return found;
}

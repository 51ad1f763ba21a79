/**
 * The ledger: every request that was planned, how often it was delivered at online and at test, and in which bytes.
 *
 * A segment that TCP sent twice is no duplicate: what counts is how often the bytes reach the application.
 */
import type { PlannedConnection } from '../../load/schedule';
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
  /** Planned requests that never reached the online server in their bytes: the load itself did not work. */
  readonly notDelivered: readonly string[];
}

export interface LedgerInput {
  readonly planned: readonly PlannedConnection[];
  readonly sent: number;
  readonly online: readonly ObservedConnection[];
  readonly test: readonly ObservedConnection[];
}

export function ledgerOf({ planned, sent, online, test }: LedgerInput): Ledger {
  const expected = new Map(
    planned.flatMap(({ requests }) => requests.map(({ identity, bytes }) => [identity, digestOf(bytes)])),
  );
  const atOnline = deliveries(online);
  const atTest = deliveries(test);
  const missing: string[] = [];
  const duplicated: string[] = [];
  const altered: string[] = [];
  const notDelivered: string[] = [];
  for (const [identity, digest] of expected) {
    const delivered = atOnline.get(identity) ?? [];
    const copies = atTest.get(identity) ?? [];
    if (!delivered.some((request) => request.digest === digest)) notDelivered.push(identity);
    else if (copies.length === 0) missing.push(identity);
    duplicated.push(...copies.slice(1).map(() => identity));
    altered.push(...copies.filter((copy) => copy.digest !== digest).map(() => identity));
  }
  const unexpected = [...atTest].flatMap(([identity, copies]) =>
    expected.has(identity) ? [] : copies.map(() => identity),
  );
  const isComplete = missing.length === 0 && notDelivered.length === 0;
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
      duplicated: duplicated.length,
      altered: altered.length,
      reordered: reordered.length,
      unexpected: unexpected.length,
    },
    identities: { missing, duplicated, altered, reordered, unexpected },
    notDelivered,
  };
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

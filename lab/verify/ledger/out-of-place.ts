/** Requests that were copied in another order or connection than they were sent in. */
import { partsOf } from '../../load/requests/identity';
import type { PlannedConnection } from '../../load/requests/schedule';
import { isCopied, type ObservedConnection } from './observed';

interface Deliveries {
  readonly planned: readonly PlannedConnection[];
  readonly online: readonly ObservedConnection[];
  readonly test: readonly ObservedConnection[];
}

/** Identities at the test server that their client's end did not send, or sent before the one in front of them. */
export function outOfPlace({ planned, online, test }: Deliveries): string[] {
  const lines = new Map(
    planned.map(({ number, requests }) => [number, requests.map(({ identity }) => identity)]),
  );
  const known = new Set([...lines.values()].flat());
  const sentBy = identitiesBy(online, known, ({ client }) => client);
  const isKnown = ({ client }: ObservedConnection): boolean => sentBy.has(client);
  const byEnd = identitiesBy(test.filter(isKnown), known, ({ client }) => client);
  // From an end that the online server never saw: in the connection of its first request. Copies of several clients may
  // have such an end one after the other.
  const strangers = test.filter((connection) => !isKnown(connection));
  const byFirst = identitiesBy(strangers, known, ({ client }, first) => `${client} ${lineOf(first)}`);
  return [
    ...[...byEnd].flatMap(([client, arrived]) => disordered(arrived, sentBy.get(client)!)),
    ...[...byFirst.values()].flatMap((arrived) => disordered(arrived, lines.get(lineOf(arrived[0]!)) ?? [])),
  ];
}

const lineOf = (identity: string): number => partsOf(identity)?.connection ?? -1;

function disordered(arrived: readonly string[], sent: readonly string[]): string[] {
  const places = new Map(sent.map((identity, place) => [identity, place]));
  let before = 0;
  return arrived.filter((identity) => {
    const place = places.get(identity);
    if (place === undefined) return true;
    const isLate = place < before;
    before = place;
    return isLate;
  });
}

/** In the order of delivery; an end that several connections had one after the other has them in that order. */
function identitiesBy(
  connections: readonly ObservedConnection[],
  known: ReadonlySet<string>,
  keyOf: (connection: ObservedConnection, first: string) => string,
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const connection of connections) {
    const identities = connection.requests
      .filter(isCopied)
      .map(({ identity }) => identity)
      .filter((identity) => known.has(identity));
    if (identities.length === 0) continue;
    const key = keyOf(connection, identities[0]!);
    found.set(key, [...(found.get(key) ?? []), ...identities]);
  }
  return found;
}

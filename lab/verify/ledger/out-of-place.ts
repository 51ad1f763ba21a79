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
  const sentBy = identitiesByClient(online, known);
  return [...identitiesByClient(test, known)].flatMap(([client, arrived]) => {
    // From an end that the online server never saw: in the connection of its first request.
    const sent = sentBy.get(client) ?? lines.get(partsOf(arrived[0]!)?.connection ?? -1) ?? [];
    return disordered(arrived, sent);
  });
}

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
function identitiesByClient(
  connections: readonly ObservedConnection[],
  known: ReadonlySet<string>,
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { client, requests } of connections) {
    const identities = requests
      .filter(isCopied)
      .map(({ identity }) => identity)
      .filter((identity) => known.has(identity));
    if (identities.length > 0) found.set(client, [...(found.get(client) ?? []), ...identities]);
  }
  return found;
}

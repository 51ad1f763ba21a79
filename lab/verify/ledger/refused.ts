/**
 * Requests that a capture in front of the test server shows, and that its application never got: they came when it had
 * ended their connection, and its kernel refused them. The copy says such a request again, as the first of the next
 * connection of the same end.
 */
import type { ServerRecord } from '../evidence/server-record';
import type { ObservedConnection, ObservedRequest } from './observed';

/**
 * Leaves out what was refused. A capture of what clients say cannot tell it from what was carried out twice.
 *
 * @param isSurplus whether less was carried out than is shown; asked once for each that it may be true of
 */
export function withoutRefused(
  connections: readonly ObservedConnection[],
  isSurplus: (request: ObservedRequest) => boolean,
): ObservedConnection[] {
  return connections.map((connection) => ({
    ...connection,
    requests: connection.requests.filter((request) => !request.comesAgain || !isSurplus(request)),
    incompleteBytes: connection.tailComesAgain ? 0 : connection.incompleteBytes,
  }));
}

/**
 * By the server's own record.
 *
 * @param saidAgain requests that tcpcopy says that it said again: all that is known where there is no record
 */
export function surplusOver(
  connections: readonly ObservedConnection[],
  record: ServerRecord,
  saidAgain = 0,
): (request: ObservedRequest) => boolean {
  if (record.kind === 'none') return surplusUpTo(saidAgain);
  const nameOf = ({ identity, command }: ObservedRequest): string | undefined =>
    record.kind === 'by-request' ? identity : command;
  const carriedOut = (name: string): number =>
    record.kind === 'by-request' ? (record.deliveries.get(name)?.length ?? 0) : (record.calls[name] ?? 0);
  const left = new Map<string, number>();
  for (const request of connections.flatMap(({ requests }) => requests)) {
    const name = nameOf(request);
    if (name !== undefined) left.set(name, (left.get(name) ?? -carriedOut(name)) + 1);
  }
  return (request) => {
    const name = nameOf(request) ?? '';
    const surplus = left.get(name) ?? 0;
    left.set(name, surplus - 1);
    return surplus > 0;
  };
}

/** By what tcpcopy says that it said again. */
export function surplusUpTo(saidAgain: number): () => boolean {
  let left = saidAgain;
  return () => {
    left -= 1;
    return left >= 0;
  };
}

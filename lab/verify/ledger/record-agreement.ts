/** Whether a server's own record and the capture in front of it tell the same story. */
import { isCopied, type ObservedConnection } from './observed';
import type { ServerRecord } from '../evidence/server-record';

/**
 * One sentence for each kind of disagreement; none when they agree.
 *
 * @param inDoubt identities of what the server may have carried out when it got it, or not
 */
export function disagreements(
  server: string,
  connections: readonly ObservedConnection[],
  record: ServerRecord,
  inDoubt: ReadonlySet<string> = new Set(),
): string[] {
  switch (record.kind) {
    case 'by-request':
      return byRequest(server, connections, record.deliveries, inDoubt);
    case 'by-command':
      return byCommand(server, connections, record.calls, inDoubt);
    case 'none':
      return [];
  }
}

function byRequest(
  server: string,
  connections: readonly ObservedConnection[],
  logged: ReadonlyMap<string, readonly number[]>,
  inDoubt: ReadonlySet<string>,
): string[] {
  const captured = new Map<string, number[]>();
  for (const { identity, length } of connections.flatMap(({ requests }) => requests.filter(isCopied))) {
    captured.set(identity, [...(captured.get(identity) ?? []), length]);
  }
  // A server logs what it has answered: a client that is gone keeps its last request out of the log.
  const unanswered = new Set([
    ...inDoubt,
    ...connections.flatMap(({ cutOff, requests }) =>
      cutOff ? [requests.filter(isCopied).at(-1)?.identity] : [],
    ),
  ]);
  // One that was reset in the middle of a request has what came of it logged.
  const brokenOff = connections.flatMap(({ cutOff, incompleteBytes }) => (cutOff ? [incompleteBytes] : []));
  const story = (lengths: readonly number[] | undefined): string =>
    (lengths ?? []).toSorted((a, b) => a - b).join(' ');
  const identities = new Set([...captured.keys(), ...logged.keys()]);
  const wrong = [...identities].filter((identity) => {
    const told = logged.get(identity);
    if (told === undefined && unanswered.has(identity) && captured.get(identity)?.length === 1) return false;
    if (told?.length === 1 && !captured.has(identity) && brokenOff.some((bytes) => told[0]! <= bytes))
      return false;
    return story(captured.get(identity)) !== story(told);
  });
  if (wrong.length === 0) return [];
  const first = wrong[0]!;
  const tell = (lengths: readonly number[] | undefined): string =>
    lengths ? `${lengths.length} of ${lengths.join(' and ')} bytes` : 'none';
  return [
    `${server}: its log and the capture in front of it disagree about ${wrong.length} requests; ` +
      `${first}: log ${tell(logged.get(first))}, capture ${tell(captured.get(first))}`,
  ];
}

function byCommand(
  server: string,
  connections: readonly ObservedConnection[],
  calls: Readonly<Record<string, number>>,
  inDoubt: ReadonlySet<string>,
): string[] {
  const captured: Record<string, number> = {};
  const unsure: Record<string, number> = {};
  for (const { command, identity = '' } of connections.flatMap(({ requests }) => requests)) {
    if (command === undefined) continue;
    captured[command] = (captured[command] ?? 0) + 1;
    if (inDoubt.has(identity)) unsure[command] = (unsure[command] ?? 0) + 1;
  }
  const agrees = (command: string, count: number): boolean => {
    const most = captured[command] ?? 0;
    return count <= most && count >= most - (unsure[command] ?? 0);
  };
  return Object.entries(calls)
    .filter(([command, count]) => !agrees(command, count))
    .map(
      ([command, count]) =>
        `${server}: carried out ${count} ${command} commands, the capture shows ${captured[command] ?? 0}`,
    );
}

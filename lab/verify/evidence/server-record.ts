/** What a server itself recorded: which of the run's requests it answered, in nginx's log or Redis' statistics. */

/**
 * `by-request`: the log names each. `by-command`: only how often each command was carried out is known. `none`: nothing is
 * known of what a server of the user's records.
 */
export type ServerRecord =
  | {
      readonly kind: 'by-request';
      /** Bytes of each delivery, request line and headers included, by identity. */
      readonly deliveries: ReadonlyMap<string, readonly number[]>;
    }
  | { readonly kind: 'by-command'; readonly calls: Readonly<Record<string, number>> }
  | { readonly kind: 'none' };

/** Lines of `$request_uri $status $request_length $connection`. */
export function readAccessLog(text: string, run: string): ServerRecord {
  const identity = new RegExp(`lab/${run}/\\d+-\\d+`);
  const deliveries = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const found = identity.exec(line)?.[0];
    if (found === undefined) continue;
    const length = Number(line.split(' ')[2]);
    const lengths = deliveries.get(found);
    if (lengths) lengths.push(length);
    else deliveries.set(found, [length]);
  }
  return { kind: 'by-request', deliveries };
}

/** Commands that the load uses; others, such as our own INFO, are not counted. */
const LOAD_COMMANDS = ['set', 'get', 'incr', 'append'] as const;

/** Calls by command in the answer to `INFO commandstats`, beyond those of an earlier answer. */
export function readCommandStatistics(
  text: string,
  earlier: string,
): Extract<ServerRecord, { kind: 'by-command' }> {
  const before = callsIn(earlier);
  const after = callsIn(text);
  return {
    kind: 'by-command',
    calls: Object.fromEntries(
      LOAD_COMMANDS.map((command) => [command, (after.get(command) ?? 0) - (before.get(command) ?? 0)]),
    ),
  };
}

export function callsIn(text: string): Map<string, number> {
  return new Map(
    [...text.matchAll(/^cmdstat_([a-z|-]+):calls=(\d+)/gm)].map(([, command, calls]) => [
      command!,
      Number(calls),
    ]),
  );
}

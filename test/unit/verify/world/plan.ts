/** A small load whose requests are easily told apart, and captures of it. */
import { identityOf } from '../../../../lab/load/requests/identity';
import type { PlannedConnection, PlannedRequest } from '../../../../lab/load/requests/schedule';
import { observe, type ObservedConnection } from '../../../../lab/verify/ledger/observed';
import { parseAddress } from '../../../../src/wire/address/address';
import { framesOf } from './conversation';
import { addressOf, capture, portOf, type End } from './frames';

export const RUN = 'abcd1234';

/** Connections of so many requests each. */
export function planOf(...sizes: readonly number[]): PlannedConnection[] {
  return sizes.map((size, number) => ({
    number,
    closedBy: 'client',
    requests: Array.from({ length: size }, (_, index) => requestOf(number, index)),
  }));
}

function requestOf(connection: number, index: number): PlannedRequest {
  const identity = identityOf('lab', RUN, connection, index);
  const body = `body of ${connection}-${index}`;
  const bytes = post(identity, body);
  return { identity, connection, index, bytes, cuts: [] };
}

export const post = (target: string, body: string): Uint8Array =>
  Buffer.from(`POST /${target} HTTP/1.1\r\nHost: online\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

/** The end that a planned connection's client has. */
export const clientOf = (number: number): End => `198.18.10.10:${40_000 + number}`;

/** What a client says in one connection. */
export interface Said {
  readonly client: End;
  readonly pieces: readonly Uint8Array[];
  /** The client does not say that it has ended. */
  readonly isBrokenOff?: boolean;
}

export const saidIn = (plan: readonly PlannedConnection[]): Said[] =>
  plan.map(({ number, requests }) => ({
    client: clientOf(number),
    pieces: requests.map(({ bytes }) => bytes),
  }));

/** What a capture in front of the server shows. */
export function observed(server: End, connections: readonly Said[]): ObservedConnection[] {
  const frames = connections.flatMap(({ client, pieces, isBrokenOff }, index) =>
    framesOf({ client, server, pieces, initialSequence: 1_000_000 * (index + 1) }).slice(
      0,
      isBrokenOff ? -1 : undefined,
    ),
  );
  const endpoint = { address: parseAddress(addressOf(server))!, port: portOf(server) };
  return observe(capture(frames), endpoint, 'http', RUN);
}

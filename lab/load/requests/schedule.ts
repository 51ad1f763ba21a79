/**
 * The load, derived from a seed: connections, and in each the requests that go through it one after the other.
 *
 * Whoever knows the profile derives the same bytes, which is what "byte for byte" is held against.
 */
import { httpRequest } from './http-request';
import { identityOf, type Purpose } from './identity';
import { randomFrom, type Random } from './random';
import { redisRequest } from './redis-request';
import { BODY_BYTES_MAX, type RequestPlace } from './request-place';

export type Protocol = 'http' | 'redis';

export interface LoadProfile {
  readonly protocol: Protocol;
  readonly seed: number;
  readonly run: string;
  readonly purpose: Purpose;
  /** Over all connections. */
  readonly requests: number;
}

export interface PlannedRequest {
  readonly identity: string;
  readonly connection: number;
  /** From 0, in the order of sending. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Offsets at which the writing pauses, so that the request travels in several segments. */
  readonly cuts: readonly number[];
}

export interface PlannedConnection {
  readonly number: number;
  readonly closedBy: 'client' | 'server';
  readonly requests: readonly PlannedRequest[];
}

/** Connections that stay open for many requests. */
export const KEEP_ALIVE_CONNECTIONS = 24;
/** Of all requests, how many have a connection to themselves. */
const SHORT_SHARE = 0.12;
const FRAGMENTED_SHARE = 0.15;
const FRAGMENTS_MAX = 5;
/** Connections of one request that the server is asked to close; the others are closed by the client. */
const SERVER_CLOSES_SHARE = 0.5;

export function deriveSchedule(profile: LoadProfile): PlannedConnection[] {
  const counts = requestsPerConnection(profile.requests);
  return counts.map((count, number) => deriveConnection(profile, number, count));
}

/** Long-lived connections first, then those of one request. */
function requestsPerConnection(requests: number): number[] {
  const short = requests <= KEEP_ALIVE_CONNECTIONS ? 0 : Math.floor(requests * SHORT_SHARE);
  const long = requests - short;
  const longConnections = Math.min(KEEP_ALIVE_CONNECTIONS, long);
  const counts = Array.from(
    { length: longConnections },
    (_, number) => Math.floor(long / longConnections) + (number < long % longConnections ? 1 : 0),
  );
  return [...counts, ...Array.from({ length: short }, () => 1)];
}

function deriveConnection(profile: LoadProfile, number: number, count: number): PlannedConnection {
  const random = randomFrom(profile.seed, number);
  // Redis has no request that asks for the connection to be closed and is worth copying.
  const serverCloses = profile.protocol === 'http' && random.fraction() < SERVER_CLOSES_SHARE;
  return {
    number,
    closedBy: serverCloses ? 'server' : 'client',
    requests: Array.from({ length: count }, (_, index) =>
      deriveRequest(profile, number, index, serverCloses && index === count - 1),
    ),
  };
}

function deriveRequest(
  profile: LoadProfile,
  connection: number,
  index: number,
  closes: boolean,
): PlannedRequest {
  const random = randomFrom(profile.seed, connection, index);
  const identity = identityOf(profile.purpose, profile.run, connection, index);
  const place: RequestPlace = { identity, closes, bodyBytes: forcedBodyBytes(connection, index) };
  const bytes = profile.protocol === 'http' ? httpRequest(place, random) : redisRequest(place, random);
  return { identity, connection, index, bytes, cuts: cutsOf(bytes.length, random) };
}

/** The first request of the first two connections has the largest and the smallest body. */
function forcedBodyBytes(connection: number, index: number): number | undefined {
  if (index > 0) return undefined;
  if (connection === 0) return BODY_BYTES_MAX;
  return connection === 1 ? 0 : undefined;
}

function cutsOf(length: number, random: Random): number[] {
  if (length < 2 || random.fraction() >= FRAGMENTED_SHARE) return [];
  const cuts = Array.from({ length: random.between(1, FRAGMENTS_MAX - 1) }, () =>
    random.between(1, length - 1),
  );
  return [...new Set(cuts)].sort((a, b) => a - b);
}
